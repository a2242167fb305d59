// What the bundler puts in place (build.mjs).
declare module "swell-engine" {
  const create: (given: { wasmBinary?: Uint8Array }) => Promise<unknown>;
  export default create;
}
declare module "swell-engine-wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
declare module "swell-worker" {
  const source: string;
  export default source;
}
declare module "*.toml" {
  const text: string;
  export default text;
}
declare module "*.streets" {
  const text: string;
  export default text;
}
declare module "*.idx" {
  const bytes: Uint8Array;
  export default bytes;
}
declare module "node:fs/promises" {
  export function readFile(url: URL): Promise<Uint8Array>;
}
