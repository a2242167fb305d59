// A mail round through the example town, which cools.

import town_text from "../../../examples/town.streets";
import type { RoundReport, Town, Walk } from "../engine.js";
import { disable, element, tell_slider } from "./controls.js";
import type { Answer, Begin, Tell } from "./messages.js";
import type { Pace } from "./pace.js";
import { along, colour } from "./pictures.js";
import { Rate } from "./rate.js";

type Point = [number, number];
const kMovesPerSecond = 30_000; // as the worker takes them
const kKept = 6000; // points of the curve
const kApart = 5; // pixels between a street's first walk and its second

export class Round {
  private seed = 1;
  private running = false; // also when it is cold, until something else runs
  private town: Town | undefined;
  private latest: Extract<Answer, { about: "round" }> | undefined;
  private curve: { kT: number; length: number; held: boolean }[] = [];
  private in_hand: number | undefined; // the kT that was asked for; answers on their way may not know of it
  private waiting = false; // for the browser's next frame
  private readonly rate: Rate;

  constructor(private readonly begin: Begin, private readonly tell: Tell, private readonly pace: Pace) {
    this.rate = new Rate(element("round-frames"), "roundFrames");
    element("round-run").addEventListener("click", () => this.run());
    element("round-pause").addEventListener("click", () => this.pause(element("round-pause").getAttribute("aria-pressed") !== "true"));
    element("round-cool").addEventListener("click", () => {
      this.hold(undefined);
      element("round-run").focus();
    });
    element("cooling").addEventListener("input", () => this.tell_cooling());
    element("cooling").addEventListener("change", () => this.running && this.run());
    element("round-kT").addEventListener("input", () => this.hold(10 ** Number(element<HTMLInputElement>("round-kT").value)));
    element("show-exact").addEventListener("change", () => this.draw());
    this.tell_cooling();
  }

  private get moves(): number {
    return Math.round(kMovesPerSecond * 10 ** Number(element<HTMLInputElement>("cooling").value));
  }
  private tell_cooling(): void {
    tell_slider("cooling", `${(this.moves / kMovesPerSecond).toPrecision(2)} s, ${this.moves.toLocaleString("en")} changes tried`);
  }

  private run(): void {
    this.curve = [];
    this.latest = undefined;
    this.in_hand = undefined;
    this.rate.clear();
    element("round-run").textContent = "Restart";
    element("round-best").textContent = "";
    this.begin({ task: "round", town: town_text, moves: this.moves, seed: this.seed++ }, () => this.ended());
    document.documentElement.dataset["round"] = "cooling";
    this.running = true;
    disable(false, "round-pause");
  }
  private ended(): void {
    this.running = false;
    this.show_paused(false);
    disable(true, "round-pause", "round-cool", "round-kT");
    if (document.documentElement.dataset["round"] !== "cold") document.documentElement.dataset["round"] = "ended";
  }

  private pause(paused: boolean): void {
    this.tell({ task: "pause", paused });
    this.show_paused(paused);
  }
  private show_paused(paused: boolean): void {
    const button = element("round-pause");
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? "Go on" : "Pause";
  }

  private hold(kT: number | undefined): void {
    this.in_hand = kT;
    this.tell({ task: "hold", kT });
    // What has cooled to the end has no way left to cool on.
    disable(kT === undefined || this.latest?.finished === true, "round-cool");
    disable(false, "round-pause");
    element("round-best").textContent = "";
    document.documentElement.dataset["round"] = kT === undefined ? "cooling" : "held";
    if (kT !== undefined) this.tell_kT(kT);
  }
  private tell_kT(kT: number): void {
    tell_slider("round-kT", `${kT < 10 ? kT.toPrecision(2) : kT.toFixed(0)} m`);
  }

  enter(town: Town): void {
    this.town = town;
    const slider = element<HTMLInputElement>("round-kT");
    slider.min = String(Math.log10(town.cold));
    slider.max = String(Math.log10(town.hot));
    slider.disabled = false;
  }

  take(answer: Extract<Answer, { about: "round" }>): void {
    if (!this.town) return;
    this.latest = answer;
    const { report, held, finished } = answer;
    this.curve.push({ kT: held ?? report.kT, length: report.length, held: held !== undefined });
    this.curve.splice(0, Math.max(0, this.curve.length - kKept));
    if (finished && held === undefined && this.in_hand === undefined) {
      disable(true, "round-pause");
      element("round-best").textContent = this.outcome(report);
      document.documentElement.dataset["round"] = "cold";
      document.documentElement.dataset["roundLength"] = String(report.best!.length);
      document.documentElement.dataset["roundExact"] = String(this.town.exact!.length);
    }
    if (this.waiting || (!finished && !this.pace.due())) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
      if (!this.pace.slow) this.rate.picture();
    });
  }

  private outcome(report: RoundReport): string {
    const best = report.best!.length, exact = this.town!.exact!.length, over = best - exact;
    const taken = `${report.accepted.toLocaleString("en")} of ${report.moves.toLocaleString("en")} changes were taken.`;
    if (over <= 0) return `Cold, and this is the shortest round of all: ${best.toLocaleString("en")} m. ${taken}`;
    return `Cold, and stuck ${over.toLocaleString("en")} m (${((100 * over) / exact).toPrecision(2)} %) above the shortest round of ${exact.toLocaleString("en")} m. ${taken} Cool more slowly.`;
  }

  draw(): void {
    if (!this.town || !this.latest) return;
    const { report, held, finished } = this.latest;
    const kT = this.in_hand ?? held ?? report.kT;
    if (held === undefined && this.in_hand === undefined) element<HTMLInputElement>("round-kT").value = String(Math.log10(kT));
    this.tell_kT(kT);
    const exact = element<HTMLInputElement>("show-exact").checked;
    element("round-now").textContent = exact
      ? `The shortest round: ${this.town.exact!.length.toLocaleString("en")} m`
      : `${Math.round(report.length).toLocaleString("en")} m now, ${report.best!.length.toLocaleString("en")} m at best`;
    document.documentElement.dataset["roundSteps"] = String(report.steps.length);
    // What a cold chain ends with is the best that it came across.
    this.draw_map(exact ? this.town.exact!.steps : finished && held === undefined ? report.best!.steps : report.steps);
    this.draw_curve(kT);
  }

  private draw_map(walk: Walk): void {
    const { junctions, streets, start, must } = this.town!;
    const canvas = element<HTMLCanvasElement>("town"), context = canvas.getContext("2d")!;
    const margin = 26, xs = junctions.map(({ x }) => x), ys = junctions.map(({ y }) => y);
    const left = Math.min(...xs), top = Math.max(...ys);
    const scale = Math.min((canvas.width - 2 * margin) / (Math.max(...xs) - left), (canvas.height - 2 * margin) / (top - Math.min(...ys)));
    const place = (x: number, y: number): Point => [margin + (x - left) * scale, margin + (top - y) * scale];
    const path = (s: number): Point[] => {
      const { a, b, bends } = streets[s]!;
      return [place(junctions[a]!.x, junctions[a]!.y), ...bends.map(([x, y]) => place(x, y)), place(junctions[b]!.x, junctions[b]!.y)];
    };
    const stroke = (points: Point[], style: string, width: number) => {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      context.stroke();
    };
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.lineJoin = context.lineCap = "round";
    const faint = colour("faint");
    context.globalAlpha = 0.3;
    streets.forEach((_, s) => must[s] && stroke(path(s), faint, 9));
    context.globalAlpha = 1;
    const times = new Map<number, number>();
    walk.forEach((step, k) => {
      const street = step >> 1, time = times.get(street) ?? 0;
      times.set(street, time + 1);
      if (time > 2) return; // hot rounds walk a street many times
      let points = path(street);
      // Beside the first walk, on the same side whichever way it leads.
      const [[x0, y0], [x1, y1]] = [points[0]!, points[points.length - 1]!];
      const apart = (kApart * time) / Math.max(1, Math.hypot(x1 - x0, y1 - y0));
      points = points.map(([x, y]) => [x - (y1 - y0) * apart, y + (x1 - x0) * apart]);
      if (step & 1) points.reverse();
      const style = along(walk.length > 1 ? k / (walk.length - 1) : 0);
      stroke(points, style, 3);
      arrow(context, points, style);
    });
    context.fillStyle = colour("ink");
    for (const { x, y } of junctions) {
      context.beginPath();
      context.arc(...place(x, y), 2.5, 0, 2 * Math.PI);
      context.fill();
    }
    const [x, y] = place(junctions[start]!.x, junctions[start]!.y);
    context.fillRect(x - 8, y - 8, 16, 16);
    context.fillStyle = colour("ground");
    context.fillRect(x - 3, y - 3, 6, 6);
  }

  private draw_curve(now: number): void {
    const { hot, cold, exact } = this.town!;
    const canvas = element<HTMLCanvasElement>("cooled"), context = canvas.getContext("2d")!;
    const left = 50, bottom = canvas.height - 40, least = exact!.length * 0.86, most = Math.max(1.5 * exact!.length, this.curve[0]?.length ?? 0) * 1.1;
    const x = (kT: number) => left + ((canvas.width - left - 12) * Math.log(hot / kT)) / Math.log(hot / cold);
    const y = (length: number) => bottom - ((bottom - 12) * Math.log(length / least)) / Math.log(most / least);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = context.fillStyle = colour("faint");
    context.lineWidth = 1;
    context.font = "14px system-ui, sans-serif";
    context.beginPath();
    context.moveTo(left, 8);
    context.lineTo(left, bottom);
    context.lineTo(canvas.width - 6, bottom);
    context.stroke();
    for (const kT of [100, 10, 1]) context.fillText(`${kT} m`, x(kT) - 14, bottom + 18);
    for (const km of [10, 15, 20, 30, 40, 60]) if (1000 * km > least && 1000 * km < most) context.fillText(`${km} km`, 2, y(1000 * km) + 5);
    context.fillText("temperature, hot to cold", left + 4, canvas.height - 4);
    context.fillText("length", canvas.width - 60, 20);
    context.fillStyle = colour("other");
    for (const { kT, length, held } of this.curve) {
      if (held) context.strokeRect(x(kT) - 2, y(length) - 2, 4, 4);
      else context.fillRect(x(kT) - 1.5, y(length) - 1.5, 3, 3);
    }
    context.strokeStyle = colour("ink");
    context.lineWidth = 2;
    context.setLineDash([7, 5]);
    context.beginPath();
    context.moveTo(left, y(exact!.length));
    context.lineTo(canvas.width - 6, y(exact!.length));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour("ink");
    context.fillText(`the shortest: ${(exact!.length / 1000).toFixed(2)} km`, left + 8, y(exact!.length) + 16);
    context.strokeStyle = colour("accent");
    context.beginPath();
    context.moveTo(x(now), 8);
    context.lineTo(x(now), bottom);
    context.stroke();
  }
}

/** A small head in the middle of the way, where it leads. */
function arrow(context: CanvasRenderingContext2D, points: Point[], style: string): void {
  const k = Math.max(1, Math.floor(points.length / 2)), [x0, y0] = points[k - 1]!, [x1, y1] = points[k]!;
  const size = 6, length = Math.max(1, Math.hypot(x1 - x0, y1 - y0)), dx = (size * (x1 - x0)) / length, dy = (size * (y1 - y0)) / length;
  const x = (x0 + x1) / 2, y = (y0 + y1) / 2;
  context.fillStyle = style;
  context.beginPath();
  context.moveTo(x + dx, y + dy);
  context.lineTo(x - dx - 0.8 * dy, y - dy + 0.8 * dx);
  context.lineTo(x - dx + 0.8 * dy, y - dy - 0.8 * dx);
  context.fill();
}
