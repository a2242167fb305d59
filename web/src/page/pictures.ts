// Pixels to canvases.

const kWarm = [230, 97, 1]; // positive; this pair is told apart by colour-blind readers too
const kCool = [128, 100, 200]; // negative

/** White as far as a state reaches 1, dark ground at -1: a state of a unit is a shade of grey. */
export function grey(context: CanvasRenderingContext2D, pixels: ArrayLike<number>, width: number, height: number, x: number, y: number, reach: number, size: number): void {
  const image = new ImageData(width, height);
  for (let p = 0; p < width * height; ++p) {
    const shade = Math.max(0, Math.min(255, 127.5 * (1 + (pixels[p] ?? 0) / reach)));
    image.data.set([shade, shade, shade, 255], 4 * p);
  }
  paint(context, image, x, y, size);
}

/** Orange for positive, violet for negative, the ground for none. */
export function signed(context: CanvasRenderingContext2D, values: ArrayLike<number>, width: number, height: number, x: number, y: number, size: number): void {
  let most = 1e-12;
  for (let p = 0; p < width * height; ++p) most = Math.max(most, Math.abs(values[p] ?? 0));
  const image = new ImageData(width, height);
  for (let p = 0; p < width * height; ++p) {
    const value = (values[p] ?? 0) / most;
    const colour = value > 0 ? kWarm : kCool;
    image.data.set([...colour, 255 * Math.abs(value)], 4 * p);
  }
  paint(context, image, x, y, size);
}

let scratch: HTMLCanvasElement | undefined;
function paint(context: CanvasRenderingContext2D, image: ImageData, x: number, y: number, size: number): void {
  scratch ??= document.createElement("canvas");
  scratch.width = image.width;
  scratch.height = image.height;
  scratch.getContext("2d")!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratch, x, y, size, (size * image.height) / image.width);
}

/** Samples in rows. */
export function grid(canvas: HTMLCanvasElement, pixels: Float32Array, samples: number, width: number, height: number): void {
  const columns = Math.ceil(Math.sqrt(samples)), gap = 4;
  const size = Math.floor((canvas.width - gap * (columns + 1)) / columns);
  const context = canvas.getContext("2d")!;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let s = 0; s < samples; ++s) {
    const x = gap + (s % columns) * (size + gap), y = gap + Math.floor(s / columns) * (size + gap);
    grey(context, pixels.subarray(s * width * height, (s + 1) * width * height), width, height, x, y, 1, size);
  }
}

/** The colours that the page has at the moment, light or dark. */
export function colour(name: "ink" | "faint" | "accent" | "other" | "ground" | "raised"): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const kAlong = [[26, 120, 190], kCool, kWarm]; // first, half way, last

/** Blue, violet, orange, for 0 to 1. */
export function along(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (kAlong.length - 1), k = Math.min(kAlong.length - 2, Math.floor(at));
  const mixed = kAlong[k]!.map((value, c) => Math.round(value + (at - k) * (kAlong[k + 1]![c]! - value)));
  return `rgb(${mixed.join(",")})`;
}
