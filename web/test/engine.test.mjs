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
  execFileSync(program, ["train", "whitelam2026", "-o", join(folder, "native.safetensors"), "--quiet"]);
  execFileSync(program, ["generate", join(folder, "native.safetensors"), "-n", "4", "--arithmetic", "bf16", "--film", "0", "-o", join(folder, "native"), "--quiet"]);
  const read = engine.read(readFileSync(join(folder, "native.safetensors")));
  const { pixels } = generated(read, { samples: 4, seed: 1 });
  assert.deepEqual(Buffer.from(pixels.buffer), Buffer.from(read_npy(join(folder, "native", "samples.npy")).buffer));
  // Training differs in the last bits of sums alone.
  const here = machine.field(11), there = read.field(11);
  for (let p = 0; p < here.length; ++p) assert.ok(Math.abs(here[p] - there[p]) < 1e-4, `${p}: ${here[p]} and ${there[p]}`);
  read.free();
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

test("wrong input is told in one sentence", () => {
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
  const nan = digits();
  nan[5] = NaN;
  refused(() => engine.train(design, nan, 3), "");
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
