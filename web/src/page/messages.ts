// What the page and its worker say to each other. The worker has the engine and does one task at a time; a new task
// ends the one before, so a page may ask as often as a slider moves.

import type { FluctuationsReport, GenerationReport, LatticeReport, MachineDescription, RoundReport, Town } from "../engine.js";

export interface Faults {
  bits: number;
  mismatch: number;
}

export type Request =
  | { task: "train"; design: string; images: Float32Array; count: number }
  | { task: "read"; bytes: Uint8Array }
  | { task: "write" }
  | { task: "fields"; most: number }
  | { task: "generate"; samples: number; seed: number; faults: Faults; label?: number; kT?: number; duration?: number; every: number }
  | { task: "invert"; matrix: number[][]; seed: number }
  | { task: "lattice"; size: number; kT: number; seed: number }
  | { task: "heat"; kT: number }
  | { task: "round"; town: string; moves: number; seed: number }
  | { task: "hold"; kT: number | undefined } // undefined: cool on
  | { task: "pause"; paused: boolean }
  | { task: "stop" };

export type Answer =
  | { about: "ready"; version: string }
  | { about: "progress"; what: string; share: number }
  | { about: "machine"; description: MachineDescription; seconds: number }
  | { about: "file"; bytes: Uint8Array }
  | { about: "fields"; fields: { hidden: number; values: Float32Array }[] }
  | { about: "frame"; pixels: Float32Array; report: GenerationReport }
  | { about: "inverse"; states: Float64Array; report: FluctuationsReport }
  | { about: "spins"; spins: Int8Array; size: number; report: LatticeReport }
  | { about: "town"; town: Town }
  | { about: "round"; report: RoundReport; held: number | undefined; finished: boolean }
  | { about: "failed"; sentence: string };
