// Builds the page, one self-contained HTML file, and the package's files in dist/.
//   node build.mjs [--engine FOLDER] [--out FILE]
// FOLDER has swell_web.js and swell_web.wasm (scripts/web.sh).

import { build } from "esbuild";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const root = dirname(new URL(import.meta.url).pathname);
const given = (name, otherwise) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
const engine = resolve(given("--engine", `${root}/../build/web/engine`));
const out = resolve(given("--out", `${root}/../build/web/swell.html`));

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  loader: { ".toml": "text", ".streets": "text", ".idx": "binary", ".css": "text" },
  external: ["node:*"],
  alias: { "swell-engine": `${engine}/swell_web.js` },
};

// What is made elsewhere and goes into the bundle as it is.
const embedded = (files) => ({
  name: "embedded",
  setup(bundler) {
    for (const [name, { file, contents, loader }] of Object.entries(files)) {
      bundler.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: "embedded" }));
      bundler.onLoad({ filter: new RegExp(`^${name}$`), namespace: "embedded" }, async () => ({ contents: contents ?? (await readFile(file)), loader }));
    }
  },
});

const worker = await build({
  ...common,
  format: "iife",
  entryPoints: [`${root}/src/page/worker.ts`],
  write: false,
  define: { "import.meta.url": '"https://none.invalid/"' },
  plugins: [embedded({ "swell-engine-wasm": { file: `${engine}/swell_web.wasm`, loader: "binary" } })],
});
const page = await build({
  ...common,
  format: "iife",
  entryPoints: [`${root}/src/page/main.ts`],
  write: false,
  plugins: [embedded({ "swell-worker": { contents: worker.outputFiles[0].contents, loader: "text" } })],
});
const style = await build({ ...common, entryPoints: [`${root}/src/page/style.css`], loader: {}, write: false });

const safe = (script) => script.replaceAll("</script", "<\\/script");
const html = (await readFile(`${root}/src/index.html`, "utf8"))
  .replace("/*STYLE*/", () => style.outputFiles[0].text)
  .replace("/*SCRIPT*/", () => safe(page.outputFiles[0].text));
await mkdir(dirname(out), { recursive: true });
await writeFile(out, html);

await build({ bundle: true, format: "esm", target: "es2022", entryPoints: [`${root}/src/engine.ts`], outfile: `${root}/dist/engine.js`, external: ["swell-engine", "node:*"] });
const packaged = (await readFile(`${root}/dist/engine.js`, "utf8")).replace('"swell-engine"', '"./swell_web.js"');
await writeFile(`${root}/dist/engine.js`, packaged);
for (const file of ["swell_web.js", "swell_web.wasm"]) await cp(`${engine}/${file}`, `${root}/dist/${file}`);
await cp(`${root}/../LICENSE`, `${root}/dist/LICENSE`);
console.log(`${out}: ${(html.length / 1e6).toFixed(2)} MB`);
