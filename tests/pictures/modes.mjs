// Takes pictures of the app as few meet it: forced colours, print, 4K, reduced motion, a fork, the
// narrow layout's menus, and every way not to start. Run: cargo xtask build && node tests/pictures/modes.mjs OUTPUT_FOLDER [NAME …]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { browse } from "./serve.mjs";

const [folder = "test-results/modes", ...names] = process.argv.slice(2);
const BASE = "http://127.0.0.1:8178/docs/converge/";
const desk = { width: 1440, height: 900 };
const phone = { width: 360, height: 740 };

/** The pages beside the playground, at three sizes in both colour schemes. */
const PAGES = [["start", start], ["matrix", matrix]].flatMap(([name, visit]) =>
  [desk, { width: 768, height: 1024 }, phone].flatMap((viewport) =>
    ["light", "dark"].map((colorScheme) => [`${name}-${viewport.width}-${colorScheme}`, { viewport, colorScheme }, visit])));

/** Name, what the browser is, and what the visitor does; each ends in a picture. */
const MODES = [
  ...PAGES,
  ["start-forced", { viewport: desk, forcedColors: "active", colorScheme: "dark" }, start],
  ["matrix-forced", { viewport: desk, forcedColors: "active", colorScheme: "dark" }, matrix],
  ["matrix-4k", { viewport: { width: 3840, height: 2160 } }, matrix],
  ["start-4k", { viewport: { width: 3840, height: 2160 } }, start],
  ["matrix-print", { viewport: desk, colorScheme: "dark" }, async (page) => { await matrix(page); await printed(page, "matrix-print"); }],
  ["start-print", { viewport: desk, colorScheme: "dark" }, async (page) => { await start(page); await printed(page, "start-print"); }],
  ["forced-light", { viewport: desk, forcedColors: "active", colorScheme: "light" }, violation],
  ["forced-dark", { viewport: desk, forcedColors: "active", colorScheme: "dark" }, violation],
  ["forced-phone", { viewport: phone, forcedColors: "active", colorScheme: "dark" }, play],
  ["print", { viewport: desk }, async (page) => { await violation(page); await printed(page, "print"); }],
  ["print-dark-phone", { viewport: phone, colorScheme: "dark" }, async (page) => { await violation(page); await printed(page, "print-dark-phone"); }],
  ["4k-light", { viewport: { width: 3840, height: 2160 } }, violation],
  ["4k-dark", { viewport: { width: 3840, height: 2160 }, colorScheme: "dark" }, play],
  ["reduced", { viewport: desk, reducedMotion: "reduce" }, async (page) => { await play(page); await page.waitForTimeout(2500); }],
  ["fork", { viewport: desk }, fork],
  ["folded", { viewport: desk }, async (page) => { await go(page, "#/event-based/meter-billing-grid?v=1&t=14s"); await page.getByTestId("fold").click(); }],
  ["phone-options", { viewport: phone }, async (page) => { await violation(page); await page.getByTestId("options").click(); }],
  ["phone-intervene", { viewport: phone }, async (page) => { await go(page); await page.getByTestId("intervene").click(); }],
  ["phone-timeline", { viewport: phone }, async (page) => { await violation(page); await page.getByTestId("tab-time").click(); await page.getByTestId("timeline").scrollIntoViewIfNeeded(); }],
  ["phone-setup", { viewport: phone, colorScheme: "dark" }, async (page) => { await go(page); await page.getByTestId("tab-setup").click(); await page.getByTestId("tab-setup").scrollIntoViewIfNeeded(); await page.mouse.wheel(0, 500); }],
  ["laptop", { viewport: { width: 1280, height: 720 } }, violation],
  ["no-wasm", { viewport: desk }, async (page) => { await page.addInitScript(() => delete window.WebAssembly); await card(page); }],
  ["no-download", { viewport: phone, colorScheme: "dark" }, async (page) => { await page.route("**/*.wasm", (route) => route.abort()); await card(page); }],
  ["panic", { viewport: desk }, panic],
  ["panic-phone", { viewport: phone, colorScheme: "dark" }, panic],
];

mkdirSync(folder, { recursive: true });
await browse([`${process.env.CONVERGE_DIST ?? "dist"}=/docs/converge/`], BASE, async (browser) => {
  for (const [name, options, visit] of MODES.filter(([name]) => !names.length || names.includes(name))) {
    const page = await browser.newPage(options);
    await visit(page).catch((error) => console.log(`${name}: ${error.message.split("\n")[0]}`));
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
  }
});

async function go(page, link = "#/event-based/order-invoice") {
  await page.goto(BASE + link);
  await page.getByTestId("play").waitFor();
  await page.waitForTimeout(700);
}

async function start(page) {
  await page.goto(BASE);
  await page.getByTestId("start").waitFor();
}

/** Some rows are done, one runs and one waits. */
async function matrix(page) {
  await page.goto(`${BASE}#/matrix`);
  await page.getByTestId("seeds").selectOption("100");
  for (const row of ["outbox", "inbox", "version-guard"]) await page.getByTestId(`run-${row}`).click();
  await page.getByTestId("see-version-guard").waitFor();
  await page.getByTestId("seeds").selectOption("100000");
  for (const row of ["key-routing", "retries"]) await page.getByTestId(`run-${row}`).click();
  await page.evaluate(() => document.fonts.ready);
}

async function play(page) {
  await go(page);
  await page.getByTestId("play").click();
  await page.waitForTimeout(900);
}

async function violation(page) {
  await play(page);
  await page.getByTestId("invariant-Q3").and(page.locator("[data-state=broken]")).waitFor({ timeout: 40_000, state: "attached" });
  await page.waitForTimeout(400);
}

async function printed(page, name) {
  await page.pdf({ path: join(folder, `${name}.pdf`), format: "A4", preferCSSPageSize: true });
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 703, height: 1000 });
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(folder, `${name}-whole.png`), fullPage: true });
}

async function fork(page) {
  await go(page, "#/event-based/order-invoice?v=1&seed=2&t=21s");
  await page.getByTestId("scrub").fill("19500");
  await page.getByTestId("node-1").click();
  await page.getByTestId("popover").getByTestId("intervene-crash").click();
  await page.getByTestId("scrub").fill("20400");
}

async function card(page) {
  await page.goto(BASE);
  await page.getByTestId("error-card").waitFor();
}

/** Needs a page that was built with the feature test-hooks. */
async function panic(page) {
  await go(page, "#/event-based/order-invoice?v=1&seed=12&t=5s");
  await page.evaluate(() => window.converge.panic?.()).catch(() => {});
  await page.getByTestId("error-card").waitFor({ timeout: 5000 });
}
