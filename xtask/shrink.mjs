// Makes what is shipped smaller: a figure's wasm, optimised, with short names between it and its glue,
// in the LZMA format, which converge-unpack.js reads and so does `unlzma`; scripts as terser writes them.
// usage: node xtask/shrink.mjs figure WASM-OPT-OPTION… FOLDER | scripts FILE…
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compress, decompress } from "lzma1";
import { minify } from "terser";

/** The slowest and smallest of the packer. */
const LEVEL = 9;
/** A figure is always started with a module that is compiled: no glue of one fetches. */
const FETCHES_NOTHING = { "@Response": "undefined", "@Request": "undefined" };

/** Glue with the names that the wasm has now. Fails where it is not the glue that is known. */
function renamed(glue, { imports, exports }) {
  let text = glue;
  const once = (before, after) => {
    const parts = text.split(before);
    if (parts.length !== 2) throw new Error(`the glue has \`${before}\` ${parts.length - 1} times; wasm-bindgen changed, see xtask/shrink.mjs`);
    text = parts.join(after);
  };
  for (const [, before, after] of imports) once(` ${before}: `, ` ${after}: `);
  // All modules are one now, of this name.
  once(JSON.stringify(imports[0][0]), '"a"');
  for (const [before, after] of exports) text = text.replaceAll(new RegExp(`\\bwasm\\.${before}\\b`, "g"), `wasm.${after}`);
  return text;
}

/** Optimises and packs what wasm-bindgen left in a folder. */
function shrinkFigure(folder, options) {
  const [glue, code] = ["figure.js", "figure_bg.wasm"].map((name) => join(folder, name));
  const names = execFileSync("wasm-opt", [...options, "--minify-imports-and-exports-and-modules", code, "-o", code], { encoding: "utf8" });
  writeFileSync(glue, renamed(readFileSync(glue, "utf8"), JSON.parse(names)));
  const small = readFileSync(code);
  const packed = compress(small, LEVEL);
  if (!small.equals(Buffer.from(decompress(packed)))) throw new Error(`${code} does not survive packing`);
  writeFileSync(`${code}.lzma`, packed);
}

async function shrinkScript(file) {
  const global_defs = basename(file).startsWith("figure-") ? FETCHES_NOTHING : {};
  const { code } = await minify(readFileSync(file, "utf8"), { module: true, compress: { passes: 3, global_defs } });
  writeFileSync(file, `${code}\n`);
}

const [what, ...words] = process.argv.slice(2);
if (what === "figure") shrinkFigure(words.at(-1), words.slice(0, -1));
else if (what === "scripts") for (const file of words) await shrinkScript(file);
else throw new Error("usage: node xtask/shrink.mjs figure WASM-OPT-OPTION… FOLDER | scripts FILE…");
