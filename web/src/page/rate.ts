// How smoothly the page shows what runs: intervals between the browser's frames while pictures come, and how many come.

const kKept = 600; // intervals
const kIdle = 500; // ms without a picture after which nothing runs

export interface Figures {
  /** Of the intervals between frames, ms. */
  median: number;
  most: number; // 95 of 100 are no longer
  /** New pictures in a second. */
  pictures: number;
  frames: number;
}

export class Rate {
  private intervals: number[] = [];
  private lit = 0; // ms of those intervals, all of them
  private pictures = 0;
  private last: number | undefined;
  private fresh = 0; // when the last picture came
  private told = 0;
  private looping = false;

  constructor(private readonly output: HTMLElement, private readonly name: string) {
    document.addEventListener("visibilitychange", () => (this.last = undefined));
  }

  clear(): void {
    this.intervals = [];
    this.lit = this.pictures = 0;
  }

  /** A new picture is on the page. */
  picture(): void {
    this.pictures += 1;
    this.fresh = performance.now();
    if (this.looping) return;
    this.looping = true;
    this.last = undefined;
    const frame = (at: number) => {
      if (this.last !== undefined) this.intervals.push(at - this.last);
      if (this.last !== undefined) this.lit += at - this.last;
      this.intervals.splice(0, Math.max(0, this.intervals.length - kKept));
      this.last = at;
      if (performance.now() - this.told > 1000) this.tell();
      this.looping = performance.now() - this.fresh < kIdle;
      if (this.looping) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  figures(): Figures | undefined {
    if (this.intervals.length < 10) return undefined;
    const sorted = [...this.intervals].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { median: at(0.5), most: at(0.95), pictures: (1000 * this.pictures) / Math.max(this.lit, 1), frames: sorted.length };
  }

  private tell(): void {
    this.told = performance.now();
    const figures = this.figures();
    if (!figures) return;
    this.output.textContent = `Shown at ${Math.round(1000 / figures.median)} frames a second (median; 95 of 100 frames take at most ${figures.most.toFixed(0)} ms), with ${figures.pictures.toFixed(0)} new pictures a second.`;
    document.documentElement.dataset[this.name] = JSON.stringify(figures);
  }
}
