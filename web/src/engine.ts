// The engine of Swell for JavaScript: machines that make images from noise, matrices inverted by fluctuations, lattices
// of p-bits, mail rounds. It is the core of the program itself, in WebAssembly (engine/api.cc). Energies are in E0, times in 1/mu.
//
//   const engine = await Engine.load();
//   const machine = engine.train(design, images, 3);
//   const generation = machine.generate({ samples: 25, seed: 1 });
//   while (!generation.finished) generation.advance(50);
//   const images = generation.pixels();
//
// One engine is one thread, and its calls return when they are done: in a page it belongs into a worker.

// Made by emscripten; the build says where it lies (modules.d.ts).
import createModule from "swell-engine";

interface Module {
  HEAPU8: Uint8Array;
  HEAP8: Int8Array;
  HEAP32: Int32Array;
  HEAPF32: Float32Array;
  HEAPF64: Float64Array;
  progress?: (what: string, share: number) => boolean;
  UTF8ToString(at: number): string;
  stringToUTF8(text: string, at: number, most: number): void;
  lengthBytesUTF8(text: string): number;
  [name: string]: unknown;
}

/** A mean with its standard error. `stderr` is null for fewer than two values. */
export interface Estimate {
  value: number | null;
  stderr: number | null;
  count: number;
  unit: string;
}

export interface MachineDescription {
  name: string;
  kT: number;
  dt: number;
  groups: { name: string; shape: number[]; units: number; J2: number; J4: number }[];
  /** Number of the group that shows images. */
  data_group: number;
  /** Hidden units that field() takes; 0 where no dense couplings join visible and hidden units. */
  hidden: number;
  /** That can be asked for; 0 where the machine has no label units. */
  classes: number;
  /** 0 for a machine without. */
  stages: number;
  parameters: number;
  images: number;
  training: Record<string, unknown>;
}

export interface GenerationOptions {
  samples?: number;
  /** Decides every draw: the same seed, machine and precision give the same bytes as `swell generate`. */
  seed?: number;
  /** Of the couplings' products. bf16 is the fast one here; f32 is done in software. */
  precision?: "bf16" | "bf16x3" | "f32";
  /** Of a machine with label units: the class to make, or several in turn; without it each in turn. */
  label?: number | number[];
  /** Temperature in place of the machine's, E0; one that changes is scaled by the same factor. */
  kT?: number;
  /** Of the last segment, in which the couplings are on, in place of the machine's, 1/mu. Not of machines of stages. */
  duration?: number;
}

export interface GenerationReport {
  done: number;
  steps: number;
  time: number;
  phase: string;
  /** Given to the bath since the start, for one image. */
  heat_kT: Estimate;
  work_kT: Estimate;
  wall_s: number;
  multiply_adds: number;
  /** At the end. */
  quality?: { cosine: Estimate; nearest: number[]; negatives: number; blended: number };
  bill?: Record<string, any>;
}

export interface FluctuationsReport {
  samples: number;
  chains: number;
  /** Row after row: the estimate of the inverse, its standard error, and the exact inverse. */
  value: number[];
  stderr: number[];
  exact: number[];
}

export interface LatticeReport {
  sweeps: number;
  kT: number;
  magnetisation: number;
  energy: number;
  /** Of an endless lattice. */
  spontaneous: number;
}

/** A walk: a number for each street in order, 2 x street, and 1 more where it is walked from its end to its beginning. */
export type Walk = number[];

export interface Town {
  junctions: { name: string; x: number; y: number }[];
  /** back: the length from b to a, null for a one-way street. bends: places on the way from a to b. */
  streets: { a: number; b: number; length: number; back: number | null; name: string; duty: boolean; reward: number; bends: [number, number][] }[];
  /** Where the round begins. */
  start: number;
  /** Whether a street is to be walked. */
  must: boolean[];
  /** The chain cools from hot to cold, in the unit of the lengths, over so many moves. */
  hot: number;
  cold: number;
  moves: number;
  /** The least round, where matching or a flow proves that there is no shorter one. */
  exact: { length: number; steps: Walk } | null;
}

export interface RoundOptions {
  /** Which streets are to be walked; auto is what the town says. */
  duty?: "all" | "required" | "rewards" | "auto";
  /** The longest round, 0 for any; above that it is the rewards that count. */
  most_length?: number;
  /** Of the cooling; 0 for as many as let the chain settle. */
  moves?: number;
  /** The same seed and run give the round of that run of `swell route --most-length L --runs N`. */
  seed?: number;
  run?: number;
}

export interface RoundReport {
  /** Moves of the cooling so far. */
  cooled: number;
  /** Of the cooling's next move. */
  kT: number;
  /** With those that were held. */
  moves: number;
  accepted: number;
  /** Of the plan as it is. */
  length: number;
  reward: number;
  steps: Walk;
  /** The best so far; null where none has kept the limit yet. */
  best: { length: number; reward: number; steps: Walk } | null;
}

async function bytes_beside(name: string): Promise<Uint8Array> {
  const url = new URL(`./${name}`, import.meta.url);
  if (url.protocol === "file:") return (await import("node:fs/promises")).readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new SwellError(`${url} cannot be had: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** What went wrong, in one sentence. */
export class SwellError extends Error {}

export class Engine {
  private constructor(private readonly module: Module) {}

  /** wasm: the bytes of swell_web.wasm; without them they are taken from beside this file, in a browser or in Node.js. */
  static async load(wasm?: Uint8Array): Promise<Engine> {
    return new Engine((await createModule({ wasmBinary: wasm ?? (await bytes_beside("swell_web.wasm")) })) as Module);
  }

  get version(): string {
    return this.text("_swell_version");
  }

  /** Bytes of memory that the engine has taken; it gives none back to the system. */
  get memory(): number {
    return this.module.HEAPU8.length;
  }

  /**
   * Trains a machine exactly (least squares) on `count` images.
   * @param design TOML, as in designs/
   * @param images count x pixels, row after row, -1 to 1
   * @param progress told what is done and how far, 0 to 1; false stops the training
   * @throws SwellError
   */
  train(design: string, images: Float32Array, count: number, progress?: (what: string, share: number) => boolean): Machine {
    this.module.progress = progress;
    try {
      return new Machine(
        this,
        this.with_text(design, (at) => this.with_bytes(images, (data) => this.pointer("_machine_train", at, data, images.length, count, 1e-6))),
      );
    } finally {
      this.module.progress = undefined;
    }
  }

  /** A machine from a file of `swell train`. */
  read(bytes: Uint8Array): Machine {
    return new Machine(this, this.with_bytes(bytes, (at) => this.pointer("_machine_read", at, bytes.length)));
  }

  /** A machine that settles about the inverse of a symmetric positive-definite matrix, many chains of it at once. */
  invert(matrix: number[][], options: { chains?: number; dt?: number; seed?: number } = {}): Fluctuations {
    const at = this.with_text(JSON.stringify({ matrix, ...options }), (json) => this.pointer("_fluctuations_start", json));
    return new Fluctuations(this, at, matrix.length, options.chains ?? 64);
  }

  /** A square lattice of p-bits on a torus, couplings 1 between neighbours, all up at first. */
  lattice(options: { size?: number; kT?: number; seed?: number } = {}): Lattice {
    const at = this.with_text(JSON.stringify(options), (json) => this.pointer("_lattice_start", json));
    return new Lattice(this, at, options.size ?? 64);
  }

  /**
   * A mail round that cools from an order of the streets at random.
   * @param town lines as in examples/town.streets
   * @throws SwellError
   */
  round(town: string, options: RoundOptions = {}): MailRound {
    return new MailRound(this, this.with_text(JSON.stringify({ town, ...options }), (json) => this.pointer("_round_start", json)));
  }

  private call(name: string, ...given: number[]): number {
    try {
      return (this.module[name] as (...given: number[]) => number)(...given);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw new SwellError(`the engine broke down (${error.message}): load it anew`);
    }
  }
  /** @internal */
  number(name: string, ...given: number[]): number {
    const result = this.call(name, ...given);
    if (result < 0) throw new SwellError(this.text("_swell_message"));
    return result;
  }
  /** @internal */
  pointer(name: string, ...given: number[]): number {
    const result = this.call(name, ...given);
    if (result === 0) throw new SwellError(this.text("_swell_message"));
    return result >>> 0;
  }
  /** @internal */
  text(name: string, ...given: number[]): string {
    return this.module.UTF8ToString(this.call(name, ...given));
  }
  /** @internal */
  json<T>(name: string, ...given: number[]): T {
    return JSON.parse(this.module.UTF8ToString(this.pointer(name, ...given))) as T;
  }
  /** @internal */
  free(name: string, at: number): void {
    this.call(name, at);
  }
  /** @internal Copies, for the memory moves when it grows. */
  floats(at: number, count: number): Float32Array {
    return this.module.HEAPF32.slice(at / 4, at / 4 + count);
  }
  /** @internal */
  doubles(at: number, count: number): Float64Array {
    return this.module.HEAPF64.slice(at / 8, at / 8 + count);
  }
  /** @internal */
  bytes(at: number, count: number): Uint8Array {
    return this.module.HEAPU8.slice(at, at + count);
  }
  /** @internal */
  signs(at: number, count: number): Int8Array {
    return this.module.HEAP8.slice(at, at + count);
  }
  /** @internal */
  int_at(at: number): number {
    return this.module.HEAP32[at / 4]!;
  }
  /** @internal */
  with_text<T>(text: string, use: (at: number) => T): T {
    const most = this.module.lengthBytesUTF8(text) + 1;
    const at = this.allocate(most);
    this.module.stringToUTF8(text, at, most);
    try {
      return use(at);
    } finally {
      this.free("_free", at);
    }
  }
  /** @internal */
  with_bytes<T>(data: Uint8Array | Float32Array, use: (at: number) => T): T {
    const at = this.allocate(Math.max(1, data.byteLength));
    this.module.HEAPU8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    try {
      return use(at);
    } finally {
      this.free("_free", at);
    }
  }
  private allocate(bytes: number): number {
    const at = (this.module["_malloc"] as (bytes: number) => number)(bytes);
    if (at === 0) throw new SwellError(`there is no memory for ${bytes} bytes`);
    return at >>> 0;
  }
}

/** What lies in the engine's memory until it is freed. */
abstract class Held {
  /** @internal */
  protected constructor(protected readonly engine: Engine, private handle: number, private readonly kind: string) {}
  /** @internal */
  protected get at(): number {
    if (this.handle === 0) throw new SwellError(`this ${this.kind} has been freed`);
    return this.handle;
  }
  /** Gives its memory back. Once is enough, and more does no harm. */
  free(): void {
    if (this.handle !== 0) this.engine.free(`_${this.kind}_free`, this.handle);
    this.handle = 0;
  }
}

/** A trained machine. */
export class Machine extends Held {
  readonly description: MachineDescription;
  /** @internal */
  constructor(engine: Engine, at: number) {
    super(engine, at, "machine");
    this.description = engine.json("_machine_describe", at);
  }
  /** Pixels of an image. */
  get pixels(): number {
    return this.description.groups[this.description.data_group]!.units;
  }
  /** The bytes of a machine file, as `swell train` writes it. */
  write(): Uint8Array {
    return this.engine.with_bytes(new Uint8Array(4), (size) => {
      const at = this.engine.pointer("_machine_write", this.at, size);
      return this.engine.bytes(at, this.engine.int_at(size));
    });
  }
  /** One chip that holds couplings in so many bits (0: any number), each off by a relative normal error. */
  chip(faults: { bits?: number; mismatch?: number; seed?: number }): Machine {
    return new Machine(this.engine, this.engine.with_text(JSON.stringify(faults), (json) => this.engine.pointer("_machine_chip", this.at, json)));
  }
  /** What a hidden unit is coupled to, one number for each pixel, E0. */
  field(hidden: number): Float32Array {
    return this.engine.floats(this.engine.pointer("_machine_field", this.at, hidden), this.pixels);
  }
  /** Images from noise. They have a copy of the machine, which may be freed before them. */
  generate(options: GenerationOptions = {}): Generation {
    const at = this.engine.with_text(JSON.stringify(options), (json) => this.engine.pointer("_generation_start", this.at, json));
    return new Generation(this.engine, at, options.samples ?? 25, this.pixels);
  }
}

/** Images that emerge. */
export class Generation extends Held {
  /** Steps of the whole protocol. */
  readonly steps: number;
  private done = 0;
  /** @internal */
  constructor(engine: Engine, at: number, readonly samples: number, private readonly width: number) {
    super(engine, at, "generation");
    this.steps = this.report().steps;
  }
  get finished(): boolean {
    return this.done === this.steps;
  }
  /** Takes so many steps; how many have been taken in all. */
  advance(steps: number): number {
    return (this.done = this.engine.number("_generation_advance", this.at, steps));
  }
  /** samples x pixels, row after row, as the units are now. */
  pixels(): Float32Array {
    return this.engine.floats(this.engine.pointer("_generation_pixels", this.at), this.samples * this.width);
  }
  report(): GenerationReport {
    return this.engine.json("_generation_report", this.at);
  }
}

/** A matrix that is being inverted by fluctuations. */
export class Fluctuations extends Held {
  /** @internal */
  constructor(engine: Engine, at: number, readonly size: number, readonly chains: number) {
    super(engine, at, "fluctuations");
  }
  /** Takes so many steps, a sample of each chain after each; samples so far. */
  advance(steps: number): number {
    return this.engine.number("_fluctuations_advance", this.at, steps);
  }
  /** chains x size. */
  states(): Float64Array {
    return this.engine.doubles(this.engine.pointer("_fluctuations_states", this.at), this.chains * this.size);
  }
  report(): FluctuationsReport {
    return this.engine.json("_fluctuations_report", this.at);
  }
}

/** p-bits on a square lattice. */
export class Lattice extends Held {
  /** @internal */
  constructor(engine: Engine, at: number, readonly size: number) {
    super(engine, at, "lattice");
  }
  heat(kT: number): void {
    this.engine.number("_lattice_heat", this.at, kT);
  }
  /** Takes so many sweeps; sweeps so far. */
  advance(sweeps: number): number {
    return this.engine.number("_lattice_advance", this.at, sweeps);
  }
  /** size x size, 1 or -1. */
  spins(): Int8Array {
    return this.engine.signs(this.engine.pointer("_lattice_spins", this.at), this.size * this.size);
  }
  report(): LatticeReport {
    return this.engine.json("_lattice_report", this.at);
  }
}

/** A round through a town's streets, by thermal moves. */
export class MailRound extends Held {
  readonly town: Town;
  private cooled = 0;
  /** @internal */
  constructor(engine: Engine, at: number) {
    super(engine, at, "round");
    this.town = engine.json("_round_town", at);
  }
  get finished(): boolean {
    return this.cooled === this.town.moves;
  }
  /** Takes so many moves of the cooling, fewer at its end; how many of it have been taken in all. */
  advance(moves: number): number {
    return (this.cooled = this.engine.number("_round_advance", this.at, moves));
  }
  /** Takes so many moves at one temperature, which are no part of the cooling. */
  hold(kT: number, moves: number): void {
    this.engine.number("_round_hold", this.at, kT, moves);
  }
  report(): RoundReport {
    return this.engine.json("_round_report", this.at);
  }
}
