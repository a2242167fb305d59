// A lattice of p-bits through its phase transition.

import { element, tell_slider } from "./controls.js";
import type { Answer, Begin, Tell } from "./messages.js";
import type { Pace } from "./pace.js";
import { colour } from "./pictures.js";
import { Rate } from "./rate.js";

const kSize = 96, kLeast = 1, kMost = 4, kSettle = 60; // sweeps after a change of temperature that are not counted

export class Magnet {
  private running = false;
  private seed = 1;
  private measured = new Map<number, { sum: number; count: number }>(); // by kT in hundredths
  private changed = 0;
  private now: number | undefined; // kT of the latest answer
  private readonly rate: Rate;

  constructor(private readonly begin: Begin, tell: Tell, private readonly pace: Pace) {
    this.rate = new Rate(element("spins-frames"), "spinsFrames");
    element("magnet-run").addEventListener("click", () => this.run(!this.running));
    element("heat").addEventListener("input", () => {
      this.changed = -1;
      this.say_kT();
      if (this.running) tell({ task: "heat", kT: this.kT });
    });
    this.say_kT();
    this.draw_curve();
  }

  private get kT(): number {
    return Number(element<HTMLInputElement>("heat").value);
  }
  private say_kT(): void {
    tell_slider("heat", `${this.kT.toFixed(2)} J`);
  }

  private run(running: boolean): void {
    if (running) this.begin({ task: "lattice", size: kSize, kT: this.kT, seed: this.seed++ }, () => this.set_running(false));
    else this.begin({ task: "stop" }, () => undefined);
    this.set_running(running);
    if (!running) return;
    this.measured.clear();
    this.changed = 0;
    this.rate.clear();
  }
  private set_running(running: boolean): void {
    this.running = running;
    element("magnet-run").textContent = running ? "Stop" : "Start";
  }

  take({ spins, size, report }: Extract<Answer, { about: "spins" }>): void {
    if (this.changed < 0) this.changed = report.sweeps;
    if (report.sweeps > this.changed + kSettle) {
      const key = Math.round(100 * report.kT), seen = this.measured.get(key) ?? { sum: 0, count: 0 };
      seen.sum += Math.abs(report.magnetisation);
      seen.count += 1;
      this.measured.set(key, seen);
    }
    this.now = report.kT;
    document.documentElement.dataset["sweeps"] = String(report.sweeps);
    document.documentElement.dataset["magnetisation"] = String(report.magnetisation);
    if (!this.pace.due()) return;
    this.draw_spins(spins, size);
    this.draw_curve();
    if (!this.pace.slow) this.rate.picture();
    element("sweeps").textContent = `${report.sweeps} sweeps; magnetisation now ${report.magnetisation.toFixed(3)}, exact for an endless lattice ±${report.spontaneous.toFixed(3)}`;
  }

  private draw_spins(spins: Int8Array, size: number): void {
    const canvas = element<HTMLCanvasElement>("spins");
    const image = new ImageData(size, size);
    const up = [230, 97, 1, 255], down = [128, 100, 200, 255];
    for (let k = 0; k < size * size; ++k) image.data.set(spins[k]! > 0 ? up : down, 4 * k);
    const small = document.createElement("canvas");
    small.width = small.height = size;
    small.getContext("2d")!.putImageData(image, 0, 0);
    const context = canvas.getContext("2d")!;
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
  }

  draw_curve(): void {
    const canvas = element<HTMLCanvasElement>("onsager"), context = canvas.getContext("2d")!;
    const left = 34, bottom = canvas.height - 30;
    const x = (kT: number) => left + ((canvas.width - left - 10) * (kT - kLeast)) / (kMost - kLeast), y = (m: number) => bottom - (bottom - 14) * m;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = colour("faint");
    context.fillStyle = colour("faint");
    context.lineWidth = 1;
    context.font = "14px system-ui, sans-serif";
    context.beginPath();
    context.moveTo(left, 10);
    context.lineTo(left, bottom);
    context.lineTo(canvas.width - 6, bottom);
    context.stroke();
    for (const kT of [1, 2, 3, 4]) context.fillText(String(kT), x(kT) - 4, bottom + 18);
    for (const m of [0, 1]) context.fillText(String(m), 16, y(m) + 5);
    context.fillText("kT / J", canvas.width - 96, bottom + 18);
    context.fillText("|magnetisation|", left + 8, y(0.08));
    context.strokeStyle = colour("ink");
    context.lineWidth = 2;
    context.beginPath();
    for (let kT = kLeast; kT <= kMost; kT += 0.005) {
      const s = Math.sinh(2 / kT);
      context.lineTo(x(kT), y(s > 1 ? (1 - s ** -4) ** 0.125 : 0));
    }
    context.stroke();
    context.fillStyle = colour("other");
    for (const [key, { sum, count }] of this.measured) {
      context.beginPath();
      context.arc(x(key / 100), y(sum / count), 4, 0, 2 * Math.PI);
      context.fill();
    }
    if (this.now === undefined) return;
    context.strokeStyle = colour("accent");
    context.beginPath();
    context.moveTo(x(this.now), 10);
    context.lineTo(x(this.now), bottom);
    context.stroke();
  }
}
