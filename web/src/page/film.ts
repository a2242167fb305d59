// The images of a run as they emerge, kept so that the run can be looked at again.

import type { GenerationReport } from "../engine.js";
import { grid } from "./pictures.js";
import type { Rate } from "./rate.js";

interface Frame {
  bytes: Int8Array; // of states, 100 for 1
  clock: string;
}

export class Film {
  private frames: Frame[] = [];
  private samples = 0;
  private shape: [number, number] = [1, 1];
  private stages = 0;
  private playing = 0;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly scrub: HTMLInputElement, private readonly clock: HTMLElement, private readonly speed: HTMLSelectElement, private readonly rate: Rate) {
    scrub.addEventListener("input", () => {
      this.playing += 1;
      this.show(Number(scrub.value));
    });
  }

  begin(samples: number, shape: [number, number], stages: number): void {
    this.clear();
    this.stages = stages;
    this.samples = samples;
    this.shape = shape;
  }
  clear(): void {
    this.playing += 1;
    this.frames = [];
    this.rate.clear();
    this.scrub.max = this.scrub.value = "0";
    this.scrub.disabled = true;
    this.clock.textContent = "no run yet";
    this.canvas.getContext("2d")!.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** silent: kept, and not shown; no more is it while an earlier one is looked at. */
  add(pixels: Float32Array, report: GenerationReport, silent: boolean): void {
    const latest = Number(this.scrub.value) >= this.frames.length - 1;
    const coupled = report.phase === "noise" ? "noise alone" : this.stages > 0 ? report.phase.replace(/^stage(\d)/, "stage $1") : "couplings on";
    this.frames.push({
      bytes: Int8Array.from(pixels, (x) => Math.max(-127, Math.min(127, Math.round(100 * x)))),
      clock: `${report.time.toFixed(2)} µs: ${coupled}, heat ${Math.round(report.heat_kT.value ?? 0).toLocaleString("en")} kT an image`,
    });
    this.scrub.disabled = false;
    this.scrub.max = String(this.frames.length - 1);
    if (!latest) return;
    this.scrub.value = this.scrub.max;
    if (silent) return;
    this.show(this.frames.length - 1);
    this.rate.picture();
  }

  private show(k: number): void {
    const frame = this.frames[k];
    if (!frame) return;
    grid(this.canvas, Float32Array.from(frame.bytes, (byte) => byte / 100), this.samples, ...this.shape);
    this.clock.textContent = frame.clock;
  }

  play(): void {
    const mine = ++this.playing;
    const start = performance.now();
    const step = () => {
      if (mine !== this.playing) return;
      const k = Math.min(this.frames.length - 1, Math.floor(((performance.now() - start) / 40) * Number(this.speed.value)));
      this.scrub.value = String(k);
      this.show(k);
      if (k < this.frames.length - 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
