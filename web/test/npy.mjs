// Numbers of an .npy file of float32 in C order.

import { readFileSync } from "node:fs";

export function read_npy(path) {
  const bytes = readFileSync(path);
  const header = bytes.readUInt16LE(8);
  const text = bytes.toString("latin1", 10, 10 + header);
  if (bytes[6] !== 1 || !text.includes("'<f4'") || !text.includes("'fortran_order': False")) throw new Error(`${path}: ${text}`);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + 10 + header, bytes.byteOffset + bytes.length));
}
