// Measures the kernel as wasm, in node and in Chromium, beside the other engines and JavaScript.
//
//   node run.mjs FOLDER      FOLDER: what `wasm-bindgen --target web` made of this package
//
// `cargo xtask bench` builds all of it and runs this. The native program, which says in
// FOLDER/../native.json where it is, is run in between, so that all of it is one run.

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";

const ENGINES = ["kernel", "journal", "heap", "wheel", "javascript"];
const TITLES = {
  kernel: "kernel, journal off",
  journal: "kernel, journal on",
  heap: "Rust, BinaryHeap",
  wheel: "Rust, timing wheel by hand",
  javascript: "JavaScript, typed arrays",
};
// Compilers in a browser work in the background: two rounds see them done.
const WARM = 2;
const ROUNDS = 7;
// What is kept of a run of a whole pattern while it is computed.
const KEEPS = ["off", "journal", "recording"];
const MODEL = { deliveries: 1_000_000, seed: 1 };
const PIPELINE = fileURLToPath(new URL("pipeline.js", import.meta.url));

// Makes `globalThis.measure(engine)`. Runs in node and, sent as text, in the page: all it needs
// comes in through its parameter.
async function prepare({ module, wasm, pipeline, deliveries, seed }) {
  const kernel = await import(module);
  const { memory } = await kernel.default({ module_or_path: wasm });
  const { run } = await import(pipeline);
  globalThis.measure = (engine) => {
    const start = performance.now();
    const outcome =
      engine === "javascript" ? run(deliveries, seed) : kernel.run(engine, deliveries, seed);
    const ms = performance.now() - start;
    return { ms, outcome: typeof outcome === "string" ? JSON.parse(outcome) : outcome };
  };
  globalThis.patterns = kernel.patterns().split(" ");
  globalThis.measurePattern = (pattern, keep) => {
    const start = performance.now();
    const outcome = JSON.parse(kernel.run_pattern(pattern, keep));
    const ms = performance.now() - start;
    return { ms, outcome: { ...outcome, memory: memory.buffer.byteLength } };
  };
}

// A place is an asynchronous function from an engine to its time and outcome; nothing where the
// engine does not run there.
async function openNative(folder) {
  let program;
  try {
    ({ program } = JSON.parse(await readFile(join(folder, "..", "native.json"), "utf8")));
  } catch {
    console.error("no native.json: run cargo run --release -p converge-kernel-bench");
    return () => undefined;
  }
  const execute = promisify(execFile);
  return async (engine, keep) => {
    if (engine === "javascript") return undefined;
    const words = keep ? ["--pattern", engine, keep] : ["--once", engine];
    const { stdout } = await execute(program, words);
    return JSON.parse(stdout);
  };
}

async function openNode(folder, name) {
  await prepare({
    ...MODEL,
    module: pathToFileURL(join(folder, `${name}.js`)).href,
    wasm: await readFile(join(folder, `${name}_bg.wasm`)),
    pipeline: pathToFileURL(PIPELINE).href,
  });
  return async (engine, keep) =>
    keep ? globalThis.measurePattern(engine, keep) : globalThis.measure(engine);
}

// Serves the folder, and an empty page to run it in.
async function serve(folder) {
  const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer(async (request, response) => {
    const file = basename(request.url);
    if (request.url === "/") {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>bench</title>");
      return;
    }
    try {
      const bytes = await readFile(file === "pipeline.js" ? PIPELINE : join(folder, file));
      response.setHeader("content-type", types[extname(file)] ?? "text/plain").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

async function openChromium(browser, server, name) {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(prepare, {
    ...MODEL,
    module: `/${name}.js`,
    wasm: `/${name}_bg.wasm`,
    pipeline: "/pipeline.js",
  });
  return (engine, keep) =>
    page.evaluate(
      ([engine, keep]) =>
        keep ? globalThis.measurePattern(engine, keep) : globalThis.measure(engine),
      [engine, keep],
    );
}

// Each engine once per round in each place, so that a slow moment of the machine hits all alike.
async function measureAll(places) {
  const rows = {};
  for (const name of Object.keys(places)) rows[name] = {};
  for (let round = 0; round < WARM + ROUNDS; round++) {
    for (const engine of ENGINES) {
      for (const [name, place] of Object.entries(places)) {
        const run = await place(engine);
        if (!run) continue;
        const row = (rows[name][engine] ??= { times: [] });
        row.outcome = run.outcome;
        if (round >= WARM) row.times.push(run.ms);
      }
    }
  }
  return rows;
}

// The first preset of each pattern, with all observers: all patterns in one run, interleaved.
async function measurePatterns(places) {
  const rows = [];
  for (const pattern of globalThis.patterns) {
    for (const keep of KEEPS) rows.push({ pattern, keep, times: {}, outcomes: {} });
  }
  for (let round = 0; round < 1 + ROUNDS; round++) {
    for (const row of rows) {
      for (const [name, place] of Object.entries(places)) {
        const run = await place(row.pattern, row.keep);
        if (!run) continue;
        row.outcomes[name] = run.outcome;
        if (round > 0) (row.times[name] ??= []).push(run.ms);
      }
    }
  }
  return rows;
}

// Prints million records a second; returns what is wrong.
function printPatterns(rows, names) {
  console.log(`\nmillion records a second of whole patterns with all observers, `
    + `medians of ${ROUNDS} interleaved rounds\n`);
  console.log("pattern".padEnd(18) + "kept".padEnd(11) + "records".padStart(9)
    + "journal B/record".padStart(18) + names.map((name) => name.padStart(10)).join(""));
  const wrong = [];
  for (const { pattern, keep, times, outcomes } of rows) {
    const all = Object.values(outcomes);
    const { records, bytes } = all[0];
    if (new Set(all.map(({ hash }) => hash)).size > 1) wrong.push(`${pattern}: not one hash`);
    const cells = names.map((name) =>
      times[name] ? (records / median(times[name]) / 1000).toFixed(2) : "–");
    console.log(pattern.padEnd(18) + keep.padEnd(11) + String(records).padStart(9)
      + (keep === "off" ? "–" : bytes.toFixed(1)).padStart(18)
      + cells.map((cell) => cell.padStart(10)).join(""));
  }
  const { memory } = rows.at(-1).outcomes.node;
  console.log(`\nwasm memory after all of them: ${(memory / 2 ** 20).toFixed(0)} MiB`);
  return wrong;
}

// One engine, one seed, one run: the machine must not matter. Returns what is wrong.
function differences(places) {
  const wrong = [];
  for (const engine of ENGINES) {
    const runs = Object.entries(places).filter(([, rows]) => rows[engine]);
    const outcomes = new Set(runs.map(([, rows]) => JSON.stringify(rows[engine].outcome)));
    const { delivered } = runs[0][1][engine].outcome;
    if (outcomes.size > 1) {
      wrong.push(`${engine} did not do the same everywhere; is the native program of this build?`);
    }
    if (delivered !== MODEL.deliveries) wrong.push(`${engine} delivered ${delivered}`);
  }
  return wrong;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function speed({ outcome, times }) {
  return outcome.calls / median(times) / 1000;
}

// How many times as fast: the median of what each round says.
function ratio(ours, theirs) {
  const calls = ours.outcome.calls / theirs.outcome.calls;
  return calls * median(ours.times.map((time, round) => theirs.times[round] / time));
}

function printSpeeds(places) {
  const names = Object.keys(places);
  console.log(`\nmillion handler calls a second, ${MODEL.deliveries} deliveries, `
    + `medians of ${ROUNDS} interleaved rounds\n`);
  console.log("engine".padEnd(28) + names.map((name) => name.padStart(10)).join(""));
  for (const engine of ENGINES) {
    const rows = names.map((name) => places[name][engine]);
    const cells = rows.map((row) => (row ? speed(row).toFixed(1) : "–"));
    console.log(TITLES[engine].padEnd(28) + cells.map((cell) => cell.padStart(10)).join(""));
  }
}

// Prints the ratios that have a target; returns whether all are met.
function printTargets(places) {
  const targets = [
    ["kernel / JavaScript", 1, (rows) => [rows.kernel, rows.javascript]],
    ["journal / JavaScript", 1, (rows) => [rows.journal, rows.javascript]],
    ["kernel / wheel", 0.6, (rows) => [rows.kernel, rows.wheel]],
    ["journal / wheel", 0.5, (rows) => [rows.journal, rows.wheel]],
    ["kernel / native", 0.75, (rows) => [rows.kernel, places.native.kernel]],
    ["journal / native", 0.75, (rows) => [rows.journal, places.native.journal]],
  ];
  let met = true;
  console.log("\n" + "ratio".padEnd(22) + "least".padStart(6));
  for (const [title, least, pick] of targets) {
    let line = title.padEnd(22) + least.toFixed(2).padStart(6);
    for (const [name, rows] of Object.entries(places)) {
      const [ours, theirs] = pick(rows);
      if (!ours || !theirs || ours === theirs) continue;
      const found = ratio(ours, theirs);
      met &&= found >= least;
      line += `   ${name} ${found.toFixed(2)} ${found >= least ? "pass" : "FAIL"}`;
    }
    console.log(line);
  }
  return met;
}

const folder = process.argv[2] && resolve(process.argv[2]);
if (!folder) {
  console.error("usage: node run.mjs FOLDER; or: cargo xtask bench");
  process.exit(2);
}
const suffix = "_bg.wasm";
const wasm = (await readdir(folder)).find((file) => file.endsWith(suffix));
const name = wasm?.slice(0, -suffix.length);
if (!name) {
  console.error(`no *${suffix} in ${folder}; run: cargo xtask bench`);
  process.exit(2);
}
const server = await serve(folder);
const browser = await chromium.launch({
  executablePath: process.env.CONVERGE_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
let places;
let patterns;
let names;
try {
  const open = {
    native: await openNative(folder),
    node: await openNode(folder, name),
    chromium: await openChromium(browser, server, name),
  };
  names = Object.keys(open);
  patterns = await measurePatterns(open);
  places = await measureAll(open);
} finally {
  await browser.close();
  server.close();
}
printSpeeds(places);
const met = printTargets(places);
const wrong = [...differences(places), ...printPatterns(patterns, names)];
wrong.forEach((line) => console.error(`FAIL ${line}`));
process.exitCode = met && wrong.length === 0 ? 0 : 1;
