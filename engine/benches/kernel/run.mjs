// Measures the kernel as wasm, in node and in Chromium, beside the other engines and JavaScript.
//
//   node run.mjs FOLDER      FOLDER: what `wasm-bindgen --target web` made of this package
//
// `cargo xtask bench` builds all of it and runs this. Medians of the native run are read from
// FOLDER/../native.json, where the native program leaves them.

import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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
const SETTING = { engines: ENGINES, deliveries: 1_000_000, seed: 1, warm: 2, rounds: 7 };
const PIPELINE = fileURLToPath(new URL("pipeline.js", import.meta.url));

// Runs in node and, sent as text, in the page: all it needs comes in through its parameter.
async function measure({ module, wasm, pipeline, engines, deliveries, seed, warm, rounds }) {
  const kernel = await import(module);
  await kernel.default({ module_or_path: wasm });
  const { run } = await import(pipeline);
  const call = (engine) =>
    engine === "javascript" ? run(deliveries, seed) : JSON.parse(kernel.run(engine, deliveries, seed));
  const rows = Object.fromEntries(engines.map((engine) => [engine, { times: [] }]));
  for (let round = 0; round < warm + rounds; round++) {
    for (const engine of engines) {
      const start = performance.now();
      rows[engine].outcome = call(engine);
      if (round >= warm) rows[engine].times.push(performance.now() - start);
      // Room for the browser's own work between runs, not during them.
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }
  for (const row of Object.values(rows)) {
    row.ms = row.times.sort((a, b) => a - b)[Math.floor(rounds / 2)];
  }
  return rows;
}

async function inNode(folder, name) {
  return measure({
    ...SETTING,
    module: pathToFileURL(join(folder, `${name}.js`)).href,
    wasm: await readFile(join(folder, `${name}_bg.wasm`)),
    pipeline: pathToFileURL(PIPELINE).href,
  });
}

async function inChromium(folder, name) {
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
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await page.evaluate(measure, {
      ...SETTING,
      module: `/${name}.js`,
      wasm: `/${name}_bg.wasm`,
      pipeline: "/pipeline.js",
    });
  } finally {
    await browser.close();
    server.close();
  }
}

async function readNative(folder) {
  try {
    return JSON.parse(await readFile(join(folder, "..", "native.json"), "utf8"));
  } catch {
    return {};
  }
}

// One engine, one seed, one run: the machine must not matter. Returns what is wrong.
function differences(places) {
  const wrong = [];
  for (const engine of ENGINES) {
    const runs = Object.entries(places).filter(([, rows]) => rows[engine]);
    const outcomes = new Set(runs.map(([, rows]) => JSON.stringify(rows[engine].outcome)));
    const { delivered } = runs[0][1][engine].outcome;
    if (outcomes.size > 1) {
      wrong.push(`${engine} did not do the same everywhere (is native.json of another build?)`);
    }
    if (delivered !== SETTING.deliveries) wrong.push(`${engine} delivered ${delivered}`);
  }
  return wrong;
}

function speed(row) {
  return row && row.outcome.calls / row.ms / 1000;
}

function printSpeeds(places) {
  const names = Object.keys(places);
  console.log(`\nmillion handler calls a second, ${SETTING.deliveries} deliveries, `
    + `medians of ${SETTING.rounds} interleaved rounds\n`);
  console.log("engine".padEnd(28) + names.map((name) => name.padStart(10)).join(""));
  for (const engine of ENGINES) {
    const cells = names.map((name) => speed(places[name][engine])?.toFixed(1) ?? "–");
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
      const ratio = speed(ours) / speed(theirs);
      met &&= ratio >= least;
      line += `   ${name} ${ratio.toFixed(2)} ${ratio >= least ? "pass" : "FAIL"}`;
    }
    console.log(line);
  }
  return met;
}

const folder = process.argv[2] && resolve(process.argv[2]);
if (!folder) {
  console.error("usage: node run.mjs FOLDER (what wasm-bindgen --target web made); or: cargo xtask bench");
  process.exit(2);
}
const suffix = "_bg.wasm";
const name = (await readdir(folder)).find((file) => file.endsWith(suffix))?.slice(0, -suffix.length);
if (!name) {
  console.error(`no *${suffix} in ${folder}; run: cargo xtask bench`);
  process.exit(2);
}
const places = {
  native: await readNative(folder),
  node: await inNode(folder, name),
  chromium: await inChromium(folder, name),
};
printSpeeds(places);
const met = printTargets(places);
const wrong = differences(places);
wrong.forEach((line) => console.error(`FAIL ${line}`));
process.exitCode = met && wrong.length === 0 ? 0 : 1;
