// Makes what is shipped smaller: a figure's wasm in the LZMA format, which converge-unpack.js reads
// and so does `unlzma`; scripts as terser writes them.
// usage: node xtask/shrink.mjs wasm IN OUT | scripts FILE…
import { readFileSync, writeFileSync } from "node:fs";
import { compress, decompress } from "lzma1";
import { minify } from "terser";

/** The slowest and smallest of the packer. */
const LEVEL = 9;

const [what, ...files] = process.argv.slice(2);
if (what === "wasm") {
  const code = readFileSync(files[0]);
  const packed = compress(code, LEVEL);
  if (!code.equals(Buffer.from(decompress(packed)))) throw new Error(`${files[0]} does not survive packing`);
  writeFileSync(files[1], packed);
} else if (what === "scripts") {
  for (const file of files) {
    const { code } = await minify(readFileSync(file, "utf8"), { module: true, compress: { passes: 3 } });
    writeFileSync(file, `${code}\n`);
  }
} else {
  throw new Error("usage: node xtask/shrink.mjs wasm IN OUT | scripts FILE…");
}
