// The npm package as a stranger gets it: packed, installed elsewhere, and its documented example run and type-checked.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { program } from "./browser.mjs";

const web = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "swell-package-"));
after(() => rmSync(folder, { recursive: true }));
const example = (file) => readFileSync(file, "utf8").match(/```js\n(import \{ Engine \}[^]*?)```/)[1];

before(() => {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: web });
  const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  mkdirSync(join(folder, "user"));
  writeFileSync(join(folder, "user/package.json"), '{"type": "module", "private": true}');
  execFileSync("npm", ["install", "--silent", "--offline", "--no-audit", "--no-fund", join(folder, archive)], { cwd: join(folder, "user") });
});

test("the package holds the engine, its types and what it is, and nothing of the page", () => {
  const inside = join(folder, "user/node_modules/swell-thermodynamic");
  assert.deepEqual(readdirSync(inside).sort(), ["README.md", "dist", "package.json"]);
  assert.deepEqual(readdirSync(join(inside, "dist")).sort(), ["LICENSE", "engine.d.ts", "engine.js", "swell_web.js", "swell_web.wasm"]);
  const { version } = JSON.parse(readFileSync(join(inside, "package.json"), "utf8"));
  assert.equal(execFileSync(program, ["--version"], { encoding: "utf8" }), `swell ${version}\n`);
});

test("the documentation's example runs, and is the package's own", () => {
  const code = example(join(web, "../docs/web.md"));
  assert.equal(example(join(web, "README.md")), code);
  execFileSync(program, ["train", "whitelam2026", "--save", join(folder, "digits.safetensors"), "--quiet"]);
  const given = `import { openAsBlob } from "node:fs";
    const file = await openAsBlob(${JSON.stringify(join(folder, "digits.safetensors"))});
    let shown = 0;
    const show = (pixels) => (shown = pixels.length);`;
  const told = `console.log(shown, generation.report().quality.cosine.value >= 0.84);`;
  writeFileSync(join(folder, "user/example.mjs"), `${given}\n${code}\n${told}`);
  const said = execFileSync(process.execPath, ["example.mjs"], { cwd: join(folder, "user"), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  assert.match(said, /value: -?\d[^]*unit: 'kT'[^]*19600 true\n$/);
});

test("its types hold in a strict program", () => {
  const code = `declare const file: File; declare function show(pixels: Float32Array): void;\n${example(join(web, "README.md"))}
    const wrong: string = machine.generate({ samples: 25 }).steps;\n`;
  writeFileSync(join(folder, "user/example.ts"), code);
  const compile = () =>
    execFileSync(process.execPath, [join(web, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "--lib", "es2022,dom", "example.ts"], { cwd: join(folder, "user"), encoding: "utf8", stdio: "pipe" });
  assert.throws(compile, ({ stdout }) => stdout.trim().split("\n").length === 1 && stdout.includes("'number' is not assignable to type 'string'"));
});
