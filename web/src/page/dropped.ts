// Shades of a sheet from a picture that a visitor brings: 28 x 28, 0 (ground) to 1 (ink).

export const kSide = 28;
const kMostBytes = 20e6;
const kFaint = 0.05; // less contrast is none

/** The shades, or what is wrong with the file in one sentence. */
export async function shades_of(file: File): Promise<Float32Array | string> {
  if (file.size > kMostBytes) return `${file.name} has ${Math.round(file.size / 1e6)} MB; a picture of at most 20 MB is needed.`;
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return `${file.name} is no picture that this browser can read; a PNG or JPEG is.`;
  }
  const shades = inked(picture);
  picture.close();
  return shades ?? `${file.name} is all of one shade at ${kSide} x ${kSide} pixels; a picture with something on it is needed.`;
}

/** The whole picture, as large as fits. Its own ground, dark or light, becomes the sheet's; null where nothing is on it. */
function inked(picture: ImageBitmap): Float32Array | null {
  const scale = kSide / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale)), height = Math.max(1, Math.round(picture.height * scale));
  const small = document.createElement("canvas");
  small.width = width;
  small.height = height;
  const context = small.getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const at = Array.from({ length: width * height }, (_, p) => p);
  const light = at.map((p) => (data[4 * p]! + data[4 * p + 1]! + data[4 * p + 2]!) / 765), opaque = at.map((p) => data[4 * p + 3]! / 255);
  const ground = light_ground(light, opaque, width, height) ? 1 : 0;
  const shades = at.map((p) => Math.abs(ground - (light[p]! * opaque[p]! + ground * (1 - opaque[p]!))));
  if (Math.max(...shades) - Math.min(...shades) < kFaint) return null;
  const sheet = new Float32Array(kSide * kSide);
  const left = Math.floor((kSide - width) / 2), top = Math.floor((kSide - height) / 2);
  for (const p of at) sheet[(top + Math.floor(p / width)) * kSide + left + (p % width)] = shades[p]!;
  return sheet;
}

/** Whether the ink is dark: where the picture lets its ground through, by what is opaque; else by its edge. */
function light_ground(light: number[], opaque: number[], width: number, height: number): boolean {
  const mean = (weights: number[]) => light.reduce((sum, value, p) => sum + value * weights[p]!, 0) / Math.max(1e-9, weights.reduce((sum, weight) => sum + weight, 0));
  if (opaque.some((share) => share < 0.5)) return mean(opaque) < 0.5;
  return mean(light.map((_, p) => (p < width || p >= width * (height - 1) || p % width === 0 || p % width === width - 1 ? 1 : 0))) > 0.5;
}
