// Takes pictures of the app as a visitor meets it: first visit, mid-run, after the violation; three
// sizes, light and dark. Run: cargo xtask build && node tests/pictures/shots.mjs OUTPUT_FOLDER [NAME …]
// A name is a preset or a pattern, whose presets are all meant. CONVERGE_DIST names another folder
// than dist/, so that it may be built anew meanwhile.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { browse, each } from "./serve.mjs";

const [folder = "test-results/pictures", ...names] = process.argv.slice(2);
const BASE = "http://127.0.0.1:8177/docs/converge/";
const SIZES = [[1440, 900], [768, 1024], [360, 740]];

mkdirSync(folder, { recursive: true });
await browse([`${process.env.CONVERGE_DIST ?? "dist"}=/docs/converge/`], BASE, async (browser) => {
  const presets = await presetsOf(browser, names.length ? names : ["order-invoice"]);
  const visits = presets.flatMap((preset) => SIZES.flatMap((size) => ["light", "dark"].map((colours) => [browser, ...preset, ...size, colours])));
  await each(visits, visit);
});

async function visit(browser, pattern, preset, width, height, colorScheme) {
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
async function presetsOf(browser, names) {
  const page = await browser.newPage();
  await page.goto(BASE);
  await page.getByTestId("start").waitFor();
  const catalog = await page.evaluate(() => window.converge.catalog());
  await page.close();
  const all = catalog.patterns.flatMap(({ id, presets }) => presets.map((preset) => [id, preset.id]));
  return all.filter((pair) => pair.some((id) => names.includes(id)));
}
