// The page: what its controls do, and what it shows of what the worker sends.

import design from "../../../designs/whitelam2026.toml";
import digits from "../../../data/digits-images.idx";
import worker_source from "swell-worker";
import type { GenerationReport, MachineDescription } from "../engine.js";
import { disable, element, tell_slider } from "./controls.js";
import { kSide } from "./dropped.js";
import { Film } from "./film.js";
import { Inverse } from "./inverse.js";
import { Line } from "./line.js";
import { Magnet } from "./magnet.js";
import type { Answer, Begin, Faults } from "./messages.js";
import { Pace } from "./pace.js";
import { colour, grid, signed } from "./pictures.js";
import { Rate } from "./rate.js";
import { Round } from "./round.js";
import { Sheet } from "./sheet.js";

const kFields = 24;
const kImages = 25, kTried = 9; // of a machine of one stage
const kImagesOfStages = 9, kTriedOfStages = 4; // which takes some twelve times as long for an image
const kRoom = 300; // kelvin, of the device
const kMostMachine = 300e6; // bytes of a file

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function say_trouble(sentence: string): void {
  const trouble = element("trouble");
  trouble.textContent = sentence;
  trouble.hidden = sentence === "";
}

const line = new Line(worker_source, take, say_trouble);
const begin: Begin = (task, ended, moved) => {
  clearTimeout(waiting);
  line.begin(task, ended, moved);
};

// What the frames that come are of.
let showing: "images" | "tried" | undefined;
let machine: MachineDescription | undefined;
let seed = 1;
let waiting: ReturnType<typeof setTimeout> | undefined; // until a slider rests

// Screen 1 ---------------------------------------------------------------------------------------------------------

const sheets = [...document.querySelectorAll<HTMLCanvasElement>(".sheet")].map((canvas) => new Sheet(canvas, say_trouble));
const film = new Film(element("images"), element("scrub"), element("clock"), element("speed"), new Rate(element("images-frames"), "imagesFrames"));

function put_digits(): void {
  const header = 16, pixels = kSide * kSide;
  sheets.forEach((sheet, k) => sheet.set(Array.from(digits.subarray(header + k * pixels, header + (k + 1) * pixels), (byte) => byte / 255)));
}

function train(): void {
  say_trouble("");
  const empty = sheets.findIndex((sheet) => sheet.empty);
  if (empty >= 0) return say_trouble(`Sheet ${empty + 1} is empty: draw a picture on it, or take the three digits.`);
  const images = new Float32Array(sheets.length * kSide * kSide);
  sheets.forEach((sheet, k) => images.set(sheet.shades.map((shade) => 2 * shade - 1), k * kSide * kSide));
  disable(true, "train");
  element("trained").textContent = "training";
  begin({ task: "train", design, images, count: sheets.length }, () => undefined);
}

function generate(): void {
  if (!machine) return;
  let finished = false;
  begin({ task: "generate", samples: images(), seed, label: label(), faults: { bits: 0, mismatch: 0 }, every: 100 }, () => {
    set_paused(false);
    disable(true, "pause");
    disable(false, "replay");
    if (!finished) element("outcome").textContent = "Stopped, for something else was begun.";
  });
  on_finished = () => (finished = true);
  showing = "images";
  film.begin(images(), shape(), machine.stages);
  set_paused(false);
  disable(false, "pause");
  disable(true, "replay");
  element("outcome").textContent = "";
}
let on_finished = () => {};

// Sliders have no effect on what is not there.
function suit_machine(): void {
  const { classes, stages } = machine!;
  const label = element<HTMLSelectElement>("label");
  const options = ["each class in turn", ...Array.from({ length: classes }, (_, k) => `class ${k}`)];
  label.replaceChildren(...options.map((text, k) => new Option(text, k === 0 ? "" : String(k - 1))));
  element("label-choice").hidden = classes === 0;
  sliders.duration.disabled = stages > 0;
  element("bowl-figure").hidden = stages > 0;
  element("images-title").textContent = `${images()} images from noise`;
  element("images").setAttribute("aria-label", `${images()} images that emerge from noise`);
  element("tried-words").textContent =
    stages > 0
      ? `Move a slider: this machine of ${stages} stages runs again with ${trials()} images, which takes a while. Its stages set the run time.`
      : `Move a slider: the machine runs again with ${trials() === 9 ? "nine" : trials()} images. What breaks first?`;
}
const images = () => (machine!.stages > 0 ? kImagesOfStages : kImages);
const trials = () => (machine!.stages > 0 ? kTriedOfStages : kTried);
function label(): number | undefined {
  const { value } = element<HTMLSelectElement>("label");
  return value === "" ? undefined : Number(value);
}

function set_paused(paused: boolean): void {
  const button = element("pause");
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = paused ? "Go on" : "Pause";
}

function shape(): [number, number] {
  const extents = machine!.groups[machine!.data_group]!.shape;
  return extents.length === 2 ? [extents[1]!, extents[0]!] : [extents.reduce((a, b) => a * b, 1), 1];
}

// shown: its images at once, unless something else was begun while it was made.
function adopt(description: MachineDescription, seconds: number, shown: boolean): void {
  machine = description;
  film.clear();
  element("progress").setAttribute("value", "1");
  element("trained").textContent = `${description.parameters.toLocaleString("en")} numbers, ready after ${seconds.toFixed(1)} s.`;
  disable(false, "train", "again", "save");
  suit_machine();
  as_designed();
  line.tell({ task: "fields", most: kFields });
  if (shown) generate();
}

function with_error(value: number, error: number | null, digits = 3): string {
  if (error === null || !(error > 0)) return value.toPrecision(digits);
  const decimals = Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(error)))); // of the error's second digit
  return `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}`;
}

function tell_outcome(report: GenerationReport): void {
  const lines = [`All ${images()} took ${report.wall_s.toFixed(1)} s to simulate here.`];
  if (machine!.classes > 0) {
    const asked = Array.from({ length: images() }, (_, k) => label() ?? k % machine!.classes);
    lines.unshift(`Asked for, row after row: ${asked.join(", ")}. Nobody drew these: they are none of the pictures that it was trained on.`);
  }
  if (report.quality && report.quality.cosine.value !== null) {
    const counts = [0, 1, 2].map((k) => report.quality!.nearest.filter((image) => image === k).length);
    lines.unshift(
      `Likeness to the nearest of the three pictures (cosine): ${with_error(report.quality.cosine.value, report.quality.cosine.stderr)}.`,
      `First picture ${counts[0]}, second ${counts[1]}, third ${counts[2]} times; ${report.quality.negatives} came as negatives.`,
    );
  }
  element("outcome").replaceChildren(
    ...lines.map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }),
  );
}

// Screen 2 ---------------------------------------------------------------------------------------------------------

const sliders = { kT: element<HTMLInputElement>("kT"), bits: element<HTMLInputElement>("bits"), mismatch: element<HTMLInputElement>("mismatch"), duration: element<HTMLInputElement>("duration") };

function asked(): { kT: number; duration: number | undefined; faults: Faults } {
  const bits = Number(sliders.bits.value);
  return {
    kT: (machine?.kT ?? 0.1) * 10 ** Number(sliders.kT.value),
    duration: machine && machine.stages > 0 ? undefined : 2.5 * 10 ** Number(sliders.duration.value),
    faults: { bits: bits > 12 ? 0 : bits, mismatch: Number(sliders.mismatch.value) },
  };
}

function tell_sliders(): void {
  const { kT, duration, faults } = asked();
  tell_slider("kT", `${kT.toPrecision(2)} E0`);
  tell_slider("bits", faults.bits === 0 ? "any number" : `${faults.bits} bits`);
  tell_slider("mismatch", `${Math.round(100 * faults.mismatch)} %`);
  tell_slider("duration", duration === undefined ? "that of its stages" : `${duration.toPrecision(2)} µs`);
}

function tried(): void {
  tell_sliders();
  clearTimeout(waiting);
  if (!machine) return;
  waiting = setTimeout(() => {
    begin({ task: "generate", samples: trials(), seed, label: label(), ...asked(), every: 20 }, () => undefined);
    showing = "tried";
  }, 150);
}

function as_designed(): void {
  sliders.kT.value = "0";
  sliders.bits.value = "13";
  sliders.mismatch.value = "0";
  sliders.duration.value = "0";
  tell_sliders();
}

function tell_bill(report: GenerationReport): void {
  const joule = 1.380649e-23 * kRoom;
  const row = (what: string, kT: number, error: number | null) => [what, with_error(kT, error, 4), `${(kT * joule).toExponential(1)} J`];
  const rows: string[][] = [
    row(`heat given off, until ${report.time.toFixed(2)} µs`, report.heat_kT.value ?? 0, report.heat_kT.stderr),
    row("work of switching the couplings on", report.work_kT.value ?? 0, report.work_kT.stderr),
  ];
  const bill = report.bill;
  if (bill) {
    const outside = bill["outside_device_figure"] ?? {}, digital = bill["digital"] ?? {};
    if (typeof outside["readout_joule"] === "number") rows.push(["reading 784 values, 1 pJ each (assumed)", (outside["readout_joule"] / joule).toPrecision(3), `${outside["readout_joule"].toExponential(1)} J`]);
    if (typeof digital["joule"] === "number") rows.push(["a digital network that removes noise, at the least", (digital["joule"] / joule).toPrecision(3), `${digital["joule"].toExponential(1)} J`]);
  }
  element("bill").replaceChildren(
    ...rows.map((cells) => {
      const line = document.createElement("tr");
      for (const cell of cells) line.insertCell().textContent = cell;
      return line;
    }),
  );
}

let tried_pixels: Float32Array | undefined;
/** The energy of one unit without couplings, with where the middle pixel of each image is. */
function draw_bowl(): void {
  const pixels = tried_pixels, samples = trials();
  if (!pixels) return;
  const canvas = element<HTMLCanvasElement>("bowl"), context = canvas.getContext("2d")!;
  const group = machine!.groups[machine!.data_group]!;
  const energy = (x: number) => group.J2 * x * x + group.J4 * x ** 4;
  const { kT } = asked();
  const across = (x: number) => canvas.width * (0.5 + x / 4), up = (v: number) => canvas.height * (0.92 - (0.84 * v) / energy(1.6));
  context.clearRect(0, 0, canvas.width, canvas.height);
  let edge = 0;
  while (energy(edge) < 2 * kT && edge < 1.9) edge += 0.005;
  context.globalAlpha = 0.15;
  context.fillStyle = colour("accent");
  context.fillRect(across(-edge), 0, across(edge) - across(-edge), canvas.height);
  context.globalAlpha = 1;
  context.strokeStyle = colour("ink");
  context.lineWidth = 2;
  context.beginPath();
  for (let x = -1.9; x <= 1.9; x += 0.02) context.lineTo(across(x), up(energy(x)));
  context.stroke();
  const [width, height] = shape();
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  context.fillStyle = colour("other");
  for (let s = 0; s < samples; ++s) {
    const x = pixels[s * width * height + middle]!;
    context.beginPath();
    context.arc(across(x), up(energy(x)) - 7, 6, 0, 2 * Math.PI);
    context.fill();
  }
  context.fillStyle = colour("faint");
  context.font = "14px system-ui, sans-serif";
  for (const x of [-1, 0, 1]) context.fillText(String(x), across(x) - 4, canvas.height - 4);
}

let fields: { hidden: number; values: Float32Array }[] = [];
let chosen = -1; // the large one
function draw_fields(): void {
  const canvas = element<HTMLCanvasElement>("fields"), context = canvas.getContext("2d")!;
  const [width, height] = shape(), size = canvas.width / 6;
  context.clearRect(0, 0, canvas.width, canvas.height);
  fields.forEach((field, k) => signed(context, field.values, width, height, (k % 6) * size + 2, Math.floor(k / 6) * size + 2, size - 4));
  const large = fields[chosen];
  if (!large) return;
  const extent = canvas.height - 8, left = chosen % 6 < 3 ? canvas.width - extent - 4 : 4;
  context.fillStyle = colour("raised");
  context.fillRect(left, 4, extent, extent);
  signed(context, large.values, width, height, left, 4, extent);
  element("field-words").textContent = `Hidden unit ${large.hidden}: with the couplings on, it pulls orange pixels one way and violet ones the other.`;
}

// What the worker says ---------------------------------------------------------------------------------------------

const inverse = new Inverse(begin, new Pace(calm));
const magnet = new Magnet(begin, line.tell, new Pace(calm));
const round = new Round(begin, line.tell, new Pace(calm));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  inverse.draw();
  magnet.draw_curve();
  round.draw();
  if (machine) draw_fields();
  if (machine?.stages === 0) draw_bowl();
});

const answers: { [About in Answer["about"]]: (answer: Extract<Answer, { about: About }>) => void } = {
  ready: ({ version }) => {
    element("version").textContent = version;
    document.documentElement.dataset["ready"] = "yes";
    const inside = element("machine").textContent!.trim(); // put there by `swell generate --play`
    if (inside === "") return;
    begin({ task: "read", bytes: Uint8Array.from(atob(inside), (byte) => byte.charCodeAt(0)) }, () => undefined);
  },
  progress: ({ what, share }) => {
    element("progress").setAttribute("value", String(share));
    element("trained").textContent = `${what}: ${Math.round(100 * share)} %`;
  },
  machine: ({ description, seconds, memory, of }) => {
    document.documentElement.dataset["memory"] = String(memory);
    adopt(description, seconds, line.runs(of));
  },
  file: ({ bytes }) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes as BlobPart], { type: "application/octet-stream" }));
    link.download = "machine.safetensors";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  },
  fields: (answer) => {
    fields = answer.fields;
    choose(-1);
  },
  frame: ({ pixels, report }) => {
    const [width, height] = shape();
    if (showing === "tried") {
      if (calm.matches && report.done < report.steps) return;
      grid(element("tried"), pixels, trials(), width, height);
      tried_pixels = pixels;
      if (machine!.stages === 0) draw_bowl();
      tell_bill(report);
      if (report.done === report.steps) document.documentElement.dataset["tried"] = "yes";
      return;
    }
    film.add(pixels, report, calm.matches && report.done < report.steps);
    if (report.done < report.steps) return;
    on_finished();
    disable(true, "pause");
    disable(false, "replay");
    tell_outcome(report);
    tell_bill(report);
    document.documentElement.dataset["images"] = String(Number(document.documentElement.dataset["images"] ?? 0) + 1);
    document.documentElement.dataset["cosine"] = String(report.quality?.cosine.value);
    document.documentElement.dataset["negatives"] = String(report.quality?.negatives);
    if (machine!.stages === 0) tried();
  },
  inverse: (answer) => inverse.take(answer),
  spins: (answer) => magnet.take(answer),
  town: (answer) => round.enter(answer.town),
  round: (answer) => round.take(answer),
  failed: ({ sentence, task }) => {
    say_trouble(sentence.charAt(0).toUpperCase() + sentence.slice(1) + (sentence.endsWith(".") ? "" : "."));
    if (task !== "train") return;
    disable(false, "train");
    element("progress").setAttribute("value", "0");
    element("trained").textContent = machine ? "The machine is the one before." : "Not trained yet.";
  },
};
function take(answer: Answer): void {
  const shown = !("of" in answer) || line.runs(answer.of) || answer.about === "machine";
  if (shown) (answers[answer.about] as (answer: Answer) => void)(answer);
}

// What a visitor brings ----------------------------------------------------------------------------------------------

async function open_machine(file: File): Promise<void> {
  say_trouble("");
  if (file.size > kMostMachine) return say_trouble(`${file.name} has ${Math.round(file.size / 1e6)} MB; a machine file of at most ${kMostMachine / 1e6} MB can be opened here.`);
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    begin({ task: "read", bytes }, () => undefined, [bytes.buffer]);
  } catch {
    say_trouble(`${file.name} cannot be read.`);
  }
}

// Pictures onto the sheets, from this one on; a machine file is opened wherever it falls.
async function bring(files: File[], first: number): Promise<void> {
  say_trouble("");
  const machines = files.filter((file) => file.name.endsWith(".safetensors")), pictures = files.filter((file) => !machines.includes(file));
  if (machines[0]) await open_machine(machines[0]);
  if (first < 0 && pictures[0]) return say_trouble(`Drop ${pictures[0].name} on one of the three sheets.`);
  await Promise.all(pictures.slice(0, sheets.length - first).map((picture, k) => sheets[first + k]!.load(picture)));
}

addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault(); // else the browser leaves this page for the file
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0) return say_trouble("What was dropped is no file; a PNG or JPEG from a folder is needed.");
  void bring(files, sheets.findIndex((sheet) => sheet.canvas === event.target));
});
// The same file can be chosen again.
const chosen_files = (input: HTMLInputElement): File[] => {
  const files = [...(input.files ?? [])];
  input.value = "";
  return files;
};
element<HTMLInputElement>("open").addEventListener("change", (event) => {
  const [file] = chosen_files(event.target as HTMLInputElement);
  if (file) void open_machine(file);
});
element<HTMLInputElement>("pictures").addEventListener("change", (event) => {
  const files = chosen_files(event.target as HTMLInputElement);
  void bring(files, files.length < sheets.length ? Math.max(0, sheets.findIndex((sheet) => sheet.empty)) : 0);
});

// Controls -----------------------------------------------------------------------------------------------------------

element("digits").addEventListener("click", put_digits);
element("clear").addEventListener("click", () => sheets.forEach((sheet) => sheet.clear()));
element("train").addEventListener("click", train);
element("label").addEventListener("change", () => {
  say_trouble("");
  generate();
});
element("again").addEventListener("click", () => {
  say_trouble("");
  seed += 1;
  generate();
});
element("pause").addEventListener("click", () => {
  const paused = element("pause").getAttribute("aria-pressed") !== "true";
  set_paused(paused);
  line.tell({ task: "pause", paused });
});
element("replay").addEventListener("click", () => film.play());
element("save").addEventListener("click", () => line.tell({ task: "write" }));
for (const slider of Object.values(sliders)) slider.addEventListener("input", tried);
element("reset").addEventListener("click", () => {
  as_designed();
  tried();
});
function choose(field: number): void {
  if (fields.length === 0) return;
  chosen = field;
  draw_fields();
}
function field_at(event: PointerEvent): number {
  const box = (event.target as HTMLElement).getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * 6), row = Math.floor(((event.clientY - box.top) / box.height) * 4);
  return row * 6 + column;
}
// A mouse looks at what it is over; a finger leaves at once, so what it taps stays large until it is tapped again.
const hovers = (event: PointerEvent) => event.pointerType !== "touch";
element<HTMLCanvasElement>("fields").addEventListener("pointermove", (event) => hovers(event) && choose(field_at(event)));
element<HTMLCanvasElement>("fields").addEventListener("pointerleave", (event) => hovers(event) && choose(-1));
element<HTMLCanvasElement>("fields").addEventListener("click", (event) => {
  const tap = event as PointerEvent, field = field_at(tap);
  if (!hovers(tap)) choose(field === chosen ? -1 : field);
});
element("fields").addEventListener("keydown", (event) => {
  if (fields.length === 0 || (event.key !== "ArrowRight" && event.key !== "ArrowLeft")) return;
  event.preventDefault();
  const last = Math.max(chosen, event.key === "ArrowRight" ? -1 : 0);
  choose((last + (event.key === "ArrowRight" ? 1 : fields.length - 1)) % fields.length);
});

put_digits();
tell_sliders();
