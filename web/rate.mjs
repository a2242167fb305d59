// What docs/web.md says of speed: processor time of the engine in Node.js beside that of the program on one thread.
//   node rate.mjs      after scripts/web.sh and a build of the program (SWELL_PROGRAM names another)

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "./dist/engine.js";

const root = new URL("..", import.meta.url).pathname;
const program = process.env.SWELL_PROGRAM ?? join(root, "build/release/swell");
const folder = mkdtempSync(join(tmpdir(), "swell-rate-"));

function seconds(work) {
  const before = process.cpuUsage();
  const result = work();
  return [process.cpuUsage(before).user / 1e6, result];
}
function told(what, time, sums) {
  console.log(`${what.padEnd(44)} ${time.toFixed(2).padStart(7)} s${sums ? `  ${(sums / time / 1e9).toFixed(1).padStart(5)}e9 multiply-adds a second` : ""}`);
  return sums / time;
}

const engine = await Engine.load();
const design = readFileSync(join(root, "designs/whitelam2026.toml"), "utf8");
const idx = readFileSync(join(root, "data/digits-images.idx"));
const digits = Float32Array.from(idx.subarray(16, 16 + 3 * 784), (byte) => (2 * byte) / 255 - 1);
const [training, machine] = seconds(() => engine.train(design, digits, 3));
told("training, WebAssembly", training);
const rates = {};
for (const precision of ["bf16", "bf16x3"]) {
  const [time, sums] = seconds(() => {
    const generation = machine.generate({ samples: 25, precision });
    while (!generation.finished) generation.advance(400);
    return generation.report().multiply_adds;
  });
  rates[precision] = told(`25 images, WebAssembly, ${precision}`, time, sums);
}
const file = join(folder, "machine.safetensors");
writeFileSync(file, machine.write());
const native = [];
for (const precision of ["f32", "bf16", "bf16x3"]) {
  const out = join(folder, precision), images = 100;
  const command = ["generate", file, "-n", String(images), "--threads", "1", "--arithmetic", precision, "--film", "0", "--quiet", "-o", out];
  const { stderr } = spawnSync("bash", ["-c", 'TIMEFORMAT=%U; time "$@"', "bash", program, ...command], { encoding: "utf8" });
  const { simulation } = JSON.parse(readFileSync(join(out, "report.json"), "utf8")).bill;
  native.push(told(`${images} images, the program on one thread, ${precision}`, Number(stderr.trim().split("\n").at(-1)), simulation.multiply_adds));
}
console.log(`WebAssembly has ${(100 * rates.bf16 / Math.max(...native)).toFixed(0)} % of the program's best rate, ${(100 * rates.bf16 / native[1]).toFixed(0)} % at bf16.`);
console.log(`${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}`);
rmSync(folder, { recursive: true });
