// The engine, away from the page's thread: takes tasks and sends back what there is to see.

import { Engine, type Machine } from "../engine.js";
import wasm from "swell-engine-wasm";
import type { Answer, Sent, Task } from "./messages.js";

const engine = Engine.load(wasm);
let machine: Machine | undefined;
let task = 0; // number of the one that may go on
let paused = false;
let heat: ((kT: number) => void) | undefined;
let held: number | undefined; // the temperature at which a round is held

function send(answer: Answer, moved: Transferable[] = []): void {
  postMessage(answer, { transfer: moved });
}

/** Lets messages in; false where another task has begun. */
async function go_on(mine: number): Promise<boolean> {
  do {
    await new Promise((resolve) => setTimeout(resolve, paused ? 50 : 0));
  } while (paused && mine === task);
  return mine === task;
}

async function adopt(made: Machine, began: number, of: number): Promise<void> {
  machine?.free();
  machine = made;
  send({ about: "machine", description: made.description, seconds: (performance.now() - began) / 1000, memory: (await engine).memory, of });
}

const kMostSteps = 50; // at once, so that a task of many steps ends soon when another begins

async function generate(asked: Extract<Task, { task: "generate" }>, mine: number): Promise<void> {
  if (!machine) return;
  const faulty = asked.faults.bits > 0 || asked.faults.mismatch > 0;
  const chip = faulty ? machine.chip(asked.faults) : machine;
  try {
    const { samples, seed, label, kT, duration } = asked;
    const generation = chip.generate({ samples, seed, label, kT, duration });
    try {
      const every = Math.max(1, Math.round(generation.steps / asked.every)), parts = Math.ceil(every / kMostSteps);
      while (!generation.finished) {
        for (let part = 0; part < parts; ++part) {
          generation.advance(Math.ceil(every / parts));
          if (part + 1 < parts && !(await go_on(mine))) return;
        }
        const pixels = generation.pixels();
        send({ about: "frame", pixels, report: generation.report(), of: mine }, [pixels.buffer]);
        if (!(await go_on(mine))) return;
      }
    } finally {
      generation.free();
    }
  } finally {
    if (faulty) chip.free();
  }
}

async function invert(asked: Extract<Task, { task: "invert" }>, mine: number): Promise<void> {
  const fluctuations = (await engine).invert(asked.matrix, { seed: asked.seed });
  try {
    while (await go_on(mine)) {
      fluctuations.advance(10);
      const states = fluctuations.states();
      send({ about: "inverse", states, report: fluctuations.report(), of: mine }, [states.buffer]);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  } finally {
    fluctuations.free();
  }
}

async function lattice(asked: Extract<Task, { task: "lattice" }>, mine: number): Promise<void> {
  const made = (await engine).lattice(asked);
  heat = (kT) => made.heat(kT);
  try {
    while (await go_on(mine)) {
      made.advance(2);
      const spins = made.spins();
      send({ about: "spins", spins, size: asked.size, report: made.report(), of: mine }, [spins.buffer]);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  } finally {
    heat = undefined;
    made.free();
  }
}

const kMovesPerSecond = 30_000, kMostMoves = 3000; // of a round; at once, where the page was away

async function round(asked: Extract<Task, { task: "round" }>, mine: number): Promise<void> {
  const made = (await engine).round(asked.town, { moves: asked.moves, seed: asked.seed });
  held = undefined;
  try {
    send({ about: "town", town: made.town, of: mine });
    for (let last = performance.now(); await go_on(mine); ) {
      const now = performance.now(), moves = Math.min(kMostMoves, Math.round(((now - last) * kMovesPerSecond) / 1000));
      if (moves > 0 && (held !== undefined || !made.finished)) {
        if (held === undefined) made.advance(moves);
        else made.hold(held, moves);
        send({ about: "round", report: made.report(), held, finished: made.finished, of: mine });
      }
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
  } finally {
    made.free();
  }
}

const kAlike = 0.95; // cosine between what two hidden units are coupled to

/** The hidden units with the strongest couplings, strongest first, no two of them alike as long as others are left. */
function fields(most: number): void {
  if (!machine) return;
  const all = Array.from({ length: machine.description.hidden }, (_, h) => {
    const values = machine!.field(h);
    return { hidden: h, values, size: Math.hypot(...values) };
  });
  all.sort((a, b) => b.size - a.size);
  const chosen: typeof all = [], others: typeof all = [];
  for (const field of all) {
    const alike = chosen.some((other) => {
      const dot = field.values.reduce((sum, value, p) => sum + value * other.values[p]!, 0);
      return Math.abs(dot) > kAlike * field.size * other.size;
    });
    (alike || chosen.length === most ? others : chosen).push(field);
  }
  send({ about: "fields", fields: [...chosen, ...others].slice(0, most).map(({ hidden, values }) => ({ hidden, values })) });
}

async function take(asked: Sent): Promise<void> {
  if (asked.task === "pause") {
    paused = asked.paused;
    return;
  }
  if (asked.task === "heat") return heat?.(asked.kT);
  if (asked.task === "hold") {
    held = asked.kT;
    return;
  }
  if (asked.task === "fields") return fields(asked.most);
  if (asked.task === "write") {
    if (machine) send({ about: "file", bytes: machine.write() });
    return;
  }
  const mine = (task = asked.number);
  paused = false;
  const began = performance.now();
  const tell = (what: string, share: number) => {
    send({ about: "progress", what, share, of: mine });
    return true;
  };
  if (asked.task === "train") await adopt((await engine).train(asked.design, asked.images, asked.count, tell), began, mine);
  if (asked.task === "read") await adopt((await engine).read(asked.bytes), began, mine);
  if (asked.task === "generate") await generate(asked, mine);
  if (asked.task === "invert") await invert(asked, mine);
  if (asked.task === "lattice") await lattice(asked, mine);
  if (asked.task === "round") await round(asked, mine);
}

addEventListener("message", (event: MessageEvent<Sent>) => {
  take(event.data).catch((error: unknown) => send({ about: "failed", sentence: error instanceof Error ? error.message : String(error), task: event.data.task }));
});

engine.then(
  (made) => send({ about: "ready", version: made.version }),
  (error: unknown) => send({ about: "failed", sentence: `the engine did not start: ${error}` }),
);
