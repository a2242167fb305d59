// Two coupled circuits whose fluctuations invert a matrix.

import { element, tell_slider } from "./controls.js";
import type { Answer, Begin } from "./messages.js";
import type { Pace } from "./pace.js";
import { colour } from "./pictures.js";

const kA11 = 2, kA22 = 1.2, kReach = 2.6; // volts at the edge of the picture, reduced units

export class Inverse {
  private running = false;
  private trail: [number, number][] = [];
  private latest: Extract<Answer, { about: "inverse" }>["report"] | undefined;
  private seed = 1;

  constructor(private readonly begin: Begin, private readonly pace: Pace) {
    element("inverse-run").addEventListener("click", () => this.run(!this.running));
    element("a12").addEventListener("input", () => {
      this.tell();
      if (this.running) this.run(true);
    });
    this.tell();
  }

  private get a12(): number {
    return Number(element<HTMLInputElement>("a12").value);
  }
  private tell(): void {
    tell_slider("a12", this.a12.toFixed(1));
  }

  private run(running: boolean): void {
    if (running) this.begin({ task: "invert", matrix: [[kA11, this.a12], [this.a12, kA22]], seed: this.seed++ }, () => this.set_running(false));
    else this.begin({ task: "stop" }, () => undefined);
    this.set_running(running);
  }
  private set_running(running: boolean): void {
    this.running = running;
    element("inverse-run").textContent = running ? "Stop" : "Start";
    if (running) this.trail = [];
  }

  take({ states, report }: Extract<Answer, { about: "inverse" }>): void {
    for (let chain = 0; chain < states.length / 2; ++chain) this.trail.push([states[2 * chain]!, states[2 * chain + 1]!]);
    this.trail.splice(0, Math.max(0, this.trail.length - 1500));
    this.latest = report;
    document.documentElement.dataset["samples"] = String(report.samples);
    if (this.pace.due()) this.draw();
  }

  draw(): void {
    const report = this.latest;
    if (!report) return;
    const canvas = element<HTMLCanvasElement>("ellipse"), context = canvas.getContext("2d")!;
    const x = (v: number) => canvas.width * (0.5 + v / (2 * kReach)), y = (v: number) => canvas.height * (0.5 - v / (2 * kReach));
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = colour("faint");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, y(0));
    context.lineTo(canvas.width, y(0));
    context.moveTo(x(0), 0);
    context.lineTo(x(0), canvas.height);
    context.stroke();
    context.fillStyle = colour("accent");
    context.globalAlpha = 0.35;
    for (const [first, second] of this.trail) context.fillRect(x(first) - 1.5, y(second) - 1.5, 3, 3);
    context.globalAlpha = 1;
    this.ellipse(context, x, y, report.exact, colour("ink"), [6, 5]);
    this.ellipse(context, x, y, report.value, colour("other"), []);
    context.font = "14px system-ui, sans-serif";
    context.fillStyle = colour("other");
    context.fillText("measured", 10, 20);
    context.fillStyle = colour("ink");
    context.fillText("exact (dashed)", 10, 40);
    element("entries").replaceChildren(
      ...[[0, "11"], [1, "12"], [3, "22"]].map(([at, name]) => {
        const row = document.createElement("tr");
        const k = at as number;
        row.insertCell().textContent = name as string;
        row.insertCell().textContent = `${report.value[k]!.toFixed(4)} ± ${report.stderr[k]!.toFixed(4)}`;
        row.insertCell().textContent = report.exact[k]!.toFixed(4);
        return row;
      }),
    );
    element("waited").textContent = `${report.chains} pairs of circuits, ${report.samples} readings of each. Wait four times as long, and the error halves.`;
  }

  /** Two standard deviations of a normal law with this covariance. */
  private ellipse(context: CanvasRenderingContext2D, x: (v: number) => number, y: (v: number) => number, covariance: number[], stroke: string, dash: number[]): void {
    const [a, b, , d] = covariance as [number, number, number, number];
    const first = Math.sqrt(Math.max(0, a)), across = first > 0 ? b / first : 0, second = Math.sqrt(Math.max(0, d - across * across));
    context.strokeStyle = stroke;
    context.lineWidth = 2.5;
    context.setLineDash(dash);
    context.beginPath();
    for (let k = 0; k <= 90; ++k) {
      const [u, v] = [2 * Math.cos((2 * Math.PI * k) / 90), 2 * Math.sin((2 * Math.PI * k) / 90)];
      context.lineTo(x(first * u), y(across * u + second * v));
    }
    context.stroke();
    context.setLineDash([]);
  }
}
