// A picture that a visitor draws, or drops: 28 x 28 shades, 0 (ground) to 1 (ink).

import { kSide, shades_of } from "./dropped.js";
import { colour } from "./pictures.js";

export class Sheet {
  shades = new Float32Array(kSide * kSide);
  private readonly context: CanvasRenderingContext2D;
  private changes = 0;

  constructor(readonly canvas: HTMLCanvasElement, private readonly say: (sentence: string) => void) {
    this.context = canvas.getContext("2d")!;
    let last: [number, number] | undefined;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      last = this.place(event);
      this.stroke(last, last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last || !(event.buttons & 1)) return;
      const now = this.place(event);
      this.stroke(last, now);
      last = now;
    });
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, () => (last = undefined));
    this.draw_by_keys();
    this.show();
  }

  set(shades: ArrayLike<number>): void {
    this.shades = Float32Array.from(shades);
    this.changes += 1;
    this.show();
  }
  clear(): void {
    this.set(new Float32Array(kSide * kSide));
  }
  get empty(): boolean {
    return this.shades.every((shade) => shade === 0);
  }

  /** A picture in a file, unless something else comes onto the sheet meanwhile. */
  async load(file: File): Promise<void> {
    const change = ++this.changes;
    const shades = await shades_of(file);
    if (this.changes !== change) return;
    if (typeof shades === "string") this.say(shades);
    else this.set(shades);
  }

  private place(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * kSide, ((event.clientY - box.top) / box.height) * kSide];
  }

  /** Ink along a line, with a soft edge. */
  private stroke(from: [number, number], to: [number, number]): void {
    const reach = 1.35;
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = dx * dx + dy * dy;
    for (let row = 0; row < kSide; ++row) {
      for (let column = 0; column < kSide; ++column) {
        const [px, py] = [column + 0.5 - from[0], row + 0.5 - from[1]];
        const along = length > 0 ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
        const away = Math.hypot(px - along * dx, py - along * dy);
        const ink = Math.max(0, Math.min(1, reach + 0.5 - away));
        const at = row * kSide + column;
        this.shades[at] = Math.max(this.shades[at]!, ink);
      }
    }
    this.changes += 1;
    this.show();
  }

  /** Arrow keys move the pen, space puts ink. */
  private draw_by_keys(): void {
    let pen: [number, number] = [kSide / 2, kSide / 2];
    let inked: [number, number] | undefined;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    this.canvas.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (!move && event.key !== " ") return;
      event.preventDefault();
      if (move) pen = [Math.max(0, Math.min(kSide, pen[0] + move[0])), Math.max(0, Math.min(kSide, pen[1] + move[1]))];
      if (event.key === " ") inked = inked ? undefined : pen;
      if (inked) {
        this.stroke(inked, pen);
        inked = pen;
      }
      this.show(pen);
    });
    this.canvas.addEventListener("focus", () => this.canvas.matches(":focus-visible") && this.show(pen));
    this.canvas.addEventListener("blur", () => {
      inked = undefined;
      this.show();
    });
  }

  private show(pen?: [number, number]): void {
    const image = new ImageData(kSide, kSide);
    for (let p = 0; p < kSide * kSide; ++p) {
      const shade = 255 * this.shades[p]!;
      image.data.set([shade, shade, shade, 255], 4 * p);
    }
    this.canvas.width = this.canvas.height = kSide;
    this.context.putImageData(image, 0, 0);
    if (!pen) return;
    this.context.strokeStyle = colour("accent");
    this.context.lineWidth = 0.5;
    this.context.strokeRect(pen[0] - 1, pen[1] - 1, 2, 2);
  }
}
