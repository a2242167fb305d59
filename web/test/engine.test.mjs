// The engine in WebAssembly against the program: the same machine, seed and precision, the same bytes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Engine, SwellError } from "../dist/engine.js";

const root = new URL("../..", import.meta.url).pathname;
const program = process.env.SWELL_PROGRAM ?? join(root, "build/release/swell");
const design = readFileSync(join(root, "designs/whitelam2026.toml"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "swell-web-"));
after(() => rmSync(folder, { recursive: true }));

// Numbers of an .npy file of float32 in C order.
function read_npy(path) {
  const bytes = readFileSync(path);
  const header = bytes.readUInt16LE(8);
  const text = bytes.toString("latin1", 10, 10 + header);
  if (bytes[6] !== 1 || !text.includes("'<f4'") || !text.includes("'fortran_order': False")) throw new Error(`${path}: ${text}`);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + 10 + header, bytes.byteOffset + bytes.length));
}

// The embedded digits 0, 1, 2 as the program trains on them: -1 to 1.
function digits() {
  const idx = readFileSync(join(root, "data/digits-images.idx"));
  return Float32Array.from(idx.subarray(16, 16 + 3 * 784), (byte) => (2 * byte) / 255 - 1);
}

let engine, machine;
before(async () => {
  engine = await Engine.load();
  machine = engine.train(design, digits(), 3);
});

function generated(made, options) {
  const generation = made.generate(options);
  while (!generation.finished) generation.advance(options.part ?? 400);
  const result = { pixels: generation.pixels(), report: generation.report() };
  generation.free();
  return result;
}

test("the version is the program's", () => {
  assert.equal(execFileSync(program, ["--version"], { encoding: "utf8" }), `swell ${engine.version}\n`);
});

test("training says how far it is, reaches its tolerance, and can be stopped", () => {
  assert.equal(machine.description.parameters, 532736);
  assert.equal(machine.description.training.converged, true);
  assert.ok(machine.description.training.residual < 1e-6);
  const told = [];
  assert.throws(() => engine.train(design, digits(), 3, (what, share) => told.push([what, share]) < 3), SwellError);
  assert.equal(told.length, 3);
  for (const [, share] of told) assert.ok(share >= 0 && share <= 1);
});

test("its machine runs in the program to the same bytes", () => {
  const file = join(folder, "machine.safetensors");
  writeFileSync(file, machine.write());
  for (const precision of ["bf16", "bf16x3"]) {
    execFileSync(program, ["generate", file, "-n", "5", "--seed", "7", "--arithmetic", precision, "--film", "0", "-o", join(folder, precision), "--quiet"]);
    const { pixels, report } = generated(machine, { samples: 5, seed: 7, precision });
    assert.deepEqual(Buffer.from(pixels.buffer), Buffer.from(read_npy(join(folder, precision, "samples.npy")).buffer), precision);
    const told = JSON.parse(readFileSync(join(folder, precision, "report.json"), "utf8"));
    assert.ok(Math.abs(report.bill.device.heat.value / told.bill.device.heat.value - 1) < 1e-9);
    assert.equal(report.quality.cosine.value, told.result.nearest_cosine.value);
  }
});

test("single precision, with fused multiply-adds in software, as well", () => {
  const file = join(folder, "machine.safetensors");
  writeFileSync(file, machine.write());
  execFileSync(program, ["generate", file, "-n", "1", "--seed", "3", "--film", "0", "-o", join(folder, "f32"), "--quiet"]);
  const { pixels } = generated(machine, { samples: 1, seed: 3, precision: "f32" });
  assert.deepEqual(Buffer.from(pixels.buffer), Buffer.from(read_npy(join(folder, "f32", "samples.npy")).buffer));
});

test("a machine of the program's runs here to the same bytes", () => {
  execFileSync(program, ["train", "whitelam2026", "--save", join(folder, "native.safetensors"), "--quiet"]);
  execFileSync(program, ["generate", join(folder, "native.safetensors"), "-n", "4", "--arithmetic", "bf16", "--film", "0", "-o", join(folder, "native"), "--quiet"]);
  const read = engine.read(readFileSync(join(folder, "native.safetensors")));
  const { pixels } = generated(read, { samples: 4, seed: 1 });
  assert.deepEqual(Buffer.from(pixels.buffer), Buffer.from(read_npy(join(folder, "native", "samples.npy")).buffer));
  // Training differs in the last bits of sums alone.
  const here = machine.field(11), there = read.field(11);
  for (let p = 0; p < here.length; ++p) assert.ok(Math.abs(here[p] - there[p]) < 1e-4, `${p}: ${here[p]} and ${there[p]}`);
  read.free();
});

test("a machine of many stages makes the classes that are asked for, to the program's bytes", () => {
  const file = join(root, "machines/mnist.safetensors");
  const stages = engine.read(readFileSync(file));
  assert.equal(stages.description.classes, 10);
  assert.equal(stages.description.stages, 5);
  execFileSync(program, ["generate", file, "-n", "4", "--label", "7,3", "--seed", "5", "--arithmetic", "bf16", "--film", "0", "-o", join(folder, "stages"), "--quiet"]);
  const { pixels, report } = generated(stages, { samples: 4, seed: 5, label: [7, 3] });
  assert.deepEqual(Buffer.from(pixels.buffer), Buffer.from(read_npy(join(folder, "stages", "samples.npy")).buffer));
  assert.equal(report.phase, "cool");
  const coarse = stages.chip({ bits: 3 });
  assert.ok(new Set(coarse.field(3)).size <= 7 && new Set(stages.field(3)).size > 7);
  coarse.free();
  stages.free();
});

test("parts of any length end in the same images, which are as good as the program's", () => {
  const whole = generated(machine, { samples: 25, seed: 1, part: 5000 }), parts = generated(machine, { samples: 25, seed: 1, part: 77 });
  assert.deepEqual(whole.pixels, parts.pixels);
  assert.ok(whole.report.quality.cosine.value >= 0.84, `cosine ${whole.report.quality.cosine.value}`);
  assert.equal(whole.report.quality.negatives, 0);
});

test("few bits, heat and haste do harm; a chip's mismatch is that of its seed", () => {
  const cosine = (made, options = {}) => generated(made, { samples: 9, seed: 2, ...options }).report.quality.cosine.value;
  const whole = cosine(machine);
  const coarse = machine.chip({ bits: 3 });
  assert.ok(new Set(coarse.field(3)).size <= 7);
  for (const harmed of [cosine(coarse), cosine(machine, { kT: 1 }), cosine(machine, { duration: 0.25 })]) assert.ok(harmed < whole - 0.2, `${harmed} and ${whole}`);
  assert.ok(cosine(machine, { duration: 10 }) > whole); // at rest the images are cleaner
  const [chip, same, other] = [5, 5, 6].map((seed) => machine.chip({ mismatch: 0.3, seed }));
  assert.deepEqual(chip.field(3), same.field(3));
  assert.notDeepEqual(chip.field(3), other.field(3));
  const factors = Array.from(chip.field(3), (value, p) => value / machine.field(3)[p] - 1).filter(Number.isFinite);
  const spread = Math.sqrt(factors.reduce((sum, factor) => sum + factor * factor, 0) / factors.length);
  assert.ok(Math.abs(spread - 0.3) < (5 * 0.3) / Math.sqrt(2 * factors.length), String(spread));
  for (const made of [chip, same, other, coarse]) made.free();
});

test("fluctuations invert a matrix within their error", () => {
  const fluctuations = engine.invert([[2, 0.8], [0.8, 1.2]], { seed: 4, chains: 256 });
  fluctuations.advance(400);
  const { value, stderr, exact } = fluctuations.report();
  const determinant = 2 * 1.2 - 0.8 * 0.8;
  [1.2, -0.8, -0.8, 2].forEach((entry, k) => {
    assert.ok(Math.abs(exact[k] - entry / determinant) < 1e-12);
    assert.ok(Math.abs(value[k] - exact[k]) < 4.5 * stderr[k], `${k}: ${value[k]} ${stderr[k]}`);
    assert.ok(stderr[k] > 0 && stderr[k] < 0.05);
  });
  fluctuations.free();
});

test("a lattice of p-bits orders below the transition and not above", () => {
  for (const [kT, least, most] of [[1.6, 0.95, 1], [4, 0, 0.15]]) {
    const lattice = engine.lattice({ size: 64, kT, seed: 2 });
    lattice.advance(300);
    let sum = 0;
    for (let k = 0; k < 50; ++k) {
      lattice.advance(4);
      sum += Math.abs(lattice.report().magnetisation) / 50;
    }
    assert.ok(sum >= least && sum <= most, `${kT}: ${sum}`);
    if (kT < 2) assert.ok(Math.abs(sum - lattice.report().spontaneous) < 0.01);
    lattice.free();
  }
});

const town = readFileSync(join(root, "examples/town.streets"), "utf8");
// A walk as `swell route --tour` writes it: the crossings' names and the length of each street in order.
const told = (round, steps) =>
  steps.map((step) => {
    const { a, b, length, back } = round.town.streets[step >> 1], name = (junction) => round.town.junctions[junction].name;
    return step & 1 ? `${name(b)} -> ${name(a)} ${back}` : `${name(a)} -> ${name(b)} ${length}`;
  });
const written = (file) =>
  readFileSync(file, "utf8").split("\n").map((line) => line.match(/^ *\d+ +(\S+) -> (\S+) +(\S+)/)).filter(Boolean).map(([, from, to, length]) => `${from} -> ${to} ${length}`);

test("a round with rewards is street by street the program's of the same seed", () => {
  for (const seed of [1, 7]) {
    const file = join(folder, `round-${seed}.txt`);
    execFileSync(program, ["route", join(root, "examples/town.streets"), "--most-length", "4000", "--runs", "1", "--seed", String(seed), "--tour", file, "--quiet"]);
    const round = engine.round(town, { duty: "auto", most_length: 4000, seed });
    while (!round.finished) round.advance(4999);
    const { best } = round.report();
    assert.ok(best.length <= 4000 && best.reward > 400, JSON.stringify(best));
    assert.deepEqual(told(round, best.steps), written(file));
    round.free();
  }
});

test("every street: the exact round is the program's, and a slow chain comes down to it while a fast one does not", () => {
  const out = JSON.parse(execFileSync(program, ["route", join(root, "examples/town.streets"), "--duty", "all", "--quiet", "--json", "-"], { encoding: "utf8" }));
  assert.equal(out.result.proven_optimal, true);
  const ends = (moves, seed) => {
    const round = engine.round(town, { moves, seed });
    while (!round.finished) round.advance(moves / 8);
    const { best, length } = round.report(), exact = round.town.exact.length;
    assert.equal(exact, out.result.length);
    assert.ok(best.length <= length && best.length >= exact);
    const walked = new Set(best.steps.map((step) => step >> 1));
    assert.equal(walked.size, round.town.streets.length);
    round.free();
    return best.length / exact;
  };
  for (const seed of [1, 2]) {
    assert.ok(ends(2000, seed) > 1.1);
    assert.equal(ends(400_000, seed), 1);
  }
});

test("a round that is held hot stays long, and cools on from where its cooling stood", () => {
  const round = engine.round(town, { moves: 100_000, seed: 3 });
  assert.equal(round.report().kT, round.town.hot);
  round.advance(50_000);
  const half = round.report();
  assert.ok(Math.abs(half.kT / Math.sqrt(round.town.hot * round.town.cold) - 1) < 1e-9);
  round.hold(round.town.hot, 20_000);
  const held = round.report();
  assert.equal(held.cooled, 50_000);
  assert.equal(held.moves, 70_000);
  assert.ok(held.length > 1.3 * half.length, `${held.length} and ${half.length}`);
  assert.equal(held.best.length <= half.best.length, true);
  round.advance(50_000);
  assert.ok(round.finished && round.report().length < held.length);
  round.free();
});

test("wrong input is told in one sentence", () => {
  const stages = engine.read(readFileSync(join(root, "machines/fashion-mnist.safetensors")));
  const refused = (work, part) =>
    assert.throws(work, (error) => error instanceof SwellError && error.message.includes(part) && !error.message.includes("\n"), part);
  refused(() => engine.read(new Uint8Array([1, 2, 3])), "safetensors");
  refused(() => engine.read(new Uint8Array(0)), "safetensors");
  refused(() => engine.train("name = 3", digits(), 3), "name");
  refused(() => machine.generate({ samples: 0 }), "samples is 0");
  refused(() => machine.generate({ seed: 1.5 }), "seed is 1.5");
  refused(() => machine.generate({ kT: -1 }), "kT is -1");
  refused(() => machine.generate({ precision: "f64" }), "f64");
  refused(() => machine.field(512), "hidden unit 512");
  refused(() => machine.chip({ bits: 1 }), "bits");
  refused(() => engine.invert([[1, 2], [2, 1]]), "");
  refused(() => engine.invert([[1, 2], [0, 1]]), "not symmetric");
  refused(() => engine.lattice({ size: 2 }), "size is 2");
  execFileSync(program, ["neural", "train", join(root, "designs/cosine.toml"), "--task", "cos", "--quick", "--save", join(folder, "cosine.safetensors"), "--quiet"]);
  refused(() => engine.read(readFileSync(join(folder, "cosine.safetensors"))), "'cosine' is of a machine that answers and makes no images");
  refused(() => stages.generate({ label: 10 }), "class 10");
  refused(() => stages.generate({ label: [3, -1] }), "label is -1");
  refused(() => stages.generate({ duration: 2 }), "stages");
  refused(() => stages.field(2048), "hidden unit 2048");
  refused(() => machine.generate({ label: 1 }), "no label units");
  stages.free();
  refused(() => engine.round("street A B 3", {}), "A");
  refused(() => engine.round("", {}), "");
  refused(() => engine.round(town, { duty: "some" }), "duty is 'some'");
  refused(() => engine.round(town, { most_length: -1 }), "most_length is -1");
  refused(() => engine.round(town, { moves: 0.5 }), "moves is 0.5");
  const nan = digits();
  nan[5] = NaN;
  refused(() => engine.train(design, nan, 3), "a pixel is nan");
  for (const count of [0, -1, 2, 4, 2.5, NaN]) refused(() => engine.train(design, digits(), count), count < 1 || Number.isNaN(count) ? "count is" : "2352 are given");
  refused(() => machine.generate({ precision: 16 }), "precision is 16");
  refused(() => machine.generate({ label: "seven" }), "label is");
  refused(() => engine.invert([[NaN]]), "rows of finite numbers");
  refused(() => engine.invert([["a"]]), "rows of finite numbers");
  refused(() => engine.invert([]), "0 rows");
  refused(() => engine.round(5), "town is 5");
  refused(() => engine.round(town, { duty: 1 }), "duty is 1");
});

test("steps are whole and at least one; what is freed is gone, and freeing twice does no harm", () => {
  const refused = (work, part) => assert.throws(work, (error) => error instanceof SwellError && error.message.includes(part), part);
  const chip = machine.chip({ bits: 4 }), generation = chip.generate({ samples: 1 });
  chip.free();
  chip.free();
  refused(() => chip.generate(), "this machine has been freed");
  refused(() => chip.write(), "this machine has been freed");
  assert.ok(generation.advance(10) >= 10); // it has its own copy
  for (const steps of [0, -3, NaN]) refused(() => generation.advance(steps), "steps is");
  generation.free();
  refused(() => generation.report(), "this generation has been freed");
  refused(() => generation.pixels(), "this generation has been freed");
  const lattice = engine.lattice({ size: 8 });
  refused(() => lattice.advance(0), "sweeps is 0");
  lattice.free();
  refused(() => lattice.spins(), "this lattice has been freed");
});

// Bytes of a machine file that are cut, turned over or replaced: a machine, or one sentence, and the engine goes on.
test("damaged machine files never break the engine", () => {
  const whole = machine.write(), header = Number(Buffer.from(whole.slice(0, 8)).readBigUInt64LE());
  let state = 12345;
  const random = (most) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % most;
  let refused = 0;
  for (let k = 0; k < 120; ++k) {
    let bytes = whole.slice();
    if (k % 3 === 0) bytes = bytes.slice(0, random(k % 2 ? bytes.length : header + 8));
    else for (let n = 0; n <= random(4); ++n) bytes[random(k % 3 === 1 ? header + 8 : 64)] = random(256);
    try {
      const read = engine.read(bytes);
      read.generate({ samples: 1 }).free();
      read.free();
    } catch (error) {
      refused += 1;
      assert.ok(error instanceof SwellError && /\S/.test(error.message) && !error.message.includes("\n"), `${k}: ${error}`);
      assert.ok(!/broke down|json\.exception|bad_alloc|vector|basic_string/.test(error.message), `${k}: ${error.message}`);
    }
  }
  assert.ok(refused > 80, String(refused));
  assert.ok(generated(machine, { samples: 1, seed: 1, part: 5000 }).report.quality.cosine.value > 0.5);
});

test("memory does not grow from run to run", () => {
  generated(machine, { samples: 9, seed: 1 });
  const begin = engine.module.HEAPU8.length;
  for (let k = 0; k < 20; ++k) {
    const chip = machine.chip({ mismatch: 0.1, seed: k });
    const generation = chip.generate({ samples: 9, seed: k });
    generation.advance(10);
    generation.free();
    chip.free();
  }
  assert.ok(engine.module.HEAPU8.length <= begin * 1.5, `${begin} bytes became ${engine.module.HEAPU8.length}`);
});
