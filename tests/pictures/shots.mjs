// Takes pictures of the app as a visitor meets it: first visit, mid-run, after the violation; three
// sizes, light and dark. Run: cargo xtask build && node tests/pictures/shots.mjs OUTPUT_FOLDER [NAME …]
// A name is a preset or a pattern, whose presets are all meant. CONVERGE_DIST names another folder
// than dist/, so that it may be built anew meanwhile.
import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const [folder = "test-results/pictures", ...names] = process.argv.slice(2);
const PORT = 8177;
const BASE = `http://127.0.0.1:${PORT}/docs/converge/`;
const SIZES = [[1440, 900], [768, 1024], [360, 740]];
const ARGUMENTS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const server = spawn("cargo", ["xtask", "static", `${process.env.CONVERGE_DIST ?? "dist"}=/docs/converge/`, "--port", String(PORT)], { stdio: "ignore" });
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CONVERGE_CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
try {
  await reachable();
  const visits = (await presetsOf(names.length ? names : ["order-invoice"])).flatMap((preset) =>
    SIZES.flatMap((size) => ["light", "dark"].map((colours) => [...preset, ...size, colours])));
  // Two at a time: a page on a busy machine plays more slowly than a visitor's.
  const next = async () => {
    for (let one = visits.shift(); one; one = visits.shift()) await visit(...one);
  };
  await Promise.all([next(), next()]);
} finally {
  await browser.close();
  server.kill();
}

async function visit(pattern, preset, width, height, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.on("console", (message) => message.type() === "error" && console.log("console:", message.text()));
  const shot = (name) => page.screenshot({ path: join(folder, `${preset}-${name}-${width}-${colorScheme}.png`) });
  await page.goto(`${BASE}#/${pattern}/${preset}`);
  await page.getByTestId("play").waitFor();
  await page.waitForTimeout(1200);
  await shot("first");
  await page.getByTestId("play").click();
  await page.waitForTimeout(900);
  await shot("run");
  const broken = await page.getByTestId("guide-cure").waitFor({ timeout: 20000 }).then(() => true, () => false);
  await page.waitForTimeout(400);
  await shot(broken ? "violation" : "later");
  await page.close();
}

/** Pattern and preset of everything that is named. */
async function presetsOf(names) {
  const page = await browser.newPage();
  await page.goto(BASE);
  await page.getByTestId("start").waitFor();
  const catalog = await page.evaluate(() => window.converge.catalog());
  await page.close();
  const all = catalog.patterns.flatMap(({ id, presets }) => presets.map((preset) => [id, preset.id]));
  return all.filter((pair) => pair.some((id) => names.includes(id)));
}

async function reachable() {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(BASE).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nothing answers at ${BASE}; is there a dist folder?`);
}
