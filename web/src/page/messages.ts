// What the page and its worker say to each other. The worker has the engine and does one task at a time; a new task
// ends the one before, so a page may ask as often as a slider moves.

import type { FluctuationsReport, GenerationReport, LatticeReport, MachineDescription, RoundReport, Town } from "../engine.js";

export interface Faults {
  bits: number;
  mismatch: number;
}

/** Takes the worker until it is done, or another such task is asked for. */
export type Task =
  | { task: "train"; design: string; images: Float32Array; count: number }
  | { task: "read"; bytes: Uint8Array }
  | { task: "generate"; samples: number; seed: number; faults: Faults; label?: number; kT?: number; duration?: number; every: number }
  | { task: "invert"; matrix: number[][]; seed: number }
  | { task: "lattice"; size: number; kT: number; seed: number }
  | { task: "round"; town: string; moves: number; seed: number }
  | { task: "stop" };

/** To what runs, or to the machine. */
export type Word =
  | { task: "write" }
  | { task: "fields"; most: number }
  | { task: "heat"; kT: number }
  | { task: "hold"; kT: number | undefined } // undefined: cool on
  | { task: "pause"; paused: boolean };

export type Request = Task | Word;

/** Tasks are numbered as they are asked for. */
export type Sent = (Task & { number: number }) | Word;

/** Hands a task to the worker; `ended` is called once another begins. */
export type Begin = (task: Task, ended: () => void, moved?: Transferable[]) => void;
export type Tell = (word: Word) => void;

/** of: number of the task. What is still on its way from one that another has ended is not shown. */
export type Answer =
  | { about: "ready"; version: string }
  | { about: "progress"; what: string; share: number; of: number }
  | { about: "machine"; description: MachineDescription; seconds: number; memory: number; of: number }
  | { about: "file"; bytes: Uint8Array }
  | { about: "fields"; fields: { hidden: number; values: Float32Array }[] }
  | { about: "frame"; pixels: Float32Array; report: GenerationReport; of: number }
  | { about: "inverse"; states: Float64Array; report: FluctuationsReport; of: number }
  | { about: "spins"; spins: Int8Array; size: number; report: LatticeReport; of: number }
  | { about: "town"; town: Town; of: number }
  | { about: "round"; report: RoundReport; held: number | undefined; finished: boolean; of: number }
  | { about: "failed"; sentence: string; task?: Request["task"] };
