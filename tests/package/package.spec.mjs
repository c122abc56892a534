// One figure of each pattern out of the installed package: it runs, and what it costs is told.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "../e2e/app.mjs";
import { engine } from "../e2e/engine.mjs";

const SITE = process.env.CONVERGE_PACKED;
/** What the first figure of a page may cost in all, gzip -9 (issue 5). */
const BYTES_MAX = 175 * 1024;

/** The bytes of each file that a page fetches, compressed as a host would. */
function weigh(page) {
  const bodies = [];
  page.on("response", (response) => {
    const name = response.url().split("/").at(-1);
    if (/\.(js|css|lzma)$/.test(name)) bodies.push(response.body().then((body) => [name, gzipSync(body, { level: 9 }).length]));
  });
  return async () => new Map(await Promise.all(bodies));
}

const { BUILD } = await import(join(SITE, "node_modules/converge-playground/converge-build.js"));

test("the package has a module of each pattern and none of the app", () => {
  expect(Object.keys(BUILD.figures)).toEqual(process.env.CONVERGE_ROOMS.split(" ").sort());
  expect(BUILD.app).toBeNull();
});

/** Opens a page of the site with one figure of a pattern. */
async function shown(page, pattern) {
  const html = `<!doctype html><html lang="en"><title>${pattern}</title><link rel="icon" href="data:,"><script type="module" src="node_modules/converge-playground/converge-playground.js"></script>
    <converge-playground pattern="${pattern}"></converge-playground></html>`;
  writeFileSync(join(SITE, `${pattern}.html`), html);
  await page.goto(`${pattern}.html`);
  const figure = page.locator("converge-playground");
  await expect(figure.getByTestId("stage")).toBeVisible();
  await figure.evaluate((element) => element.ready);
  return figure;
}

/** Whether nothing that this metric counts has happened. */
const silent = ({ n, max, never }) => (n === 0 || max === 0) && never === 0;

for (const pattern of process.env.CONVERGE_ROOMS.split(" ")) {
  test(`a figure of ${pattern} runs out of the package`, async ({ page }) => {
    const fetched = weigh(page);
    const figure = await shown(page, pattern);
    expect(await figure.evaluate((element) => element.getState())).toMatch(new RegExp(`^${pattern}/`));
    const before = await figure.evaluate((element) => element.currentTime);
    await figure.getByTestId("play").click();
    await expect.poll(() => figure.evaluate((element) => element.currentTime)).toBeGreaterThan(before);
    const weights = await fetched();
    const { js, wasm } = BUILD.figures[pattern];
    expect([...weights.keys()].filter((name) => name.endsWith(".lzma"))).toEqual([wasm.slice(2)]);
    const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(6);
    console.log(`${pattern.padEnd(18)} wasm ${kib(weights.get(wasm.slice(2)))} glue ${kib(weights.get(js.slice(2)))} in all ${kib(all)} KiB gzip -9`);
    expect(all, "bytes of the first figure of a page").toBeLessThanOrEqual(BYTES_MAX);
  });

  // A module of one room leaves out what only other rooms need: src/built.rs of the engine.
  test(`a figure of ${pattern} finds and measures in each preset what the whole engine does`, async ({ page }) => {
    test.setTimeout(300_000);
    const figure = await shown(page, pattern);
    const { presets } = engine(["catalog"]).patterns.find(({ id }) => id === pattern);
    expect(presets.length).toBeGreaterThan(6);
    for (const { id: preset } of presets) {
      const whole = engine(["run", "-"], JSON.stringify({ preset }));
      await figure.evaluate((element, scenario) => element.load(scenario), { pattern, preset });
      await expect.poll(() => figure.evaluate(async (element) => {
        await element.seek(Number.MAX_SAFE_INTEGER / 1e6);
        return element.ended;
      }), preset).toBe(true);
      const found = await figure.evaluate((element) => element.metrics());
      const measured = Object.entries(whole.metrics).filter(([id, metric]) => id in found.metrics || !silent(metric));
      whole.metrics = Object.fromEntries(measured);
      for (const field of ["scenario", "invariants", "metrics", "copies"]) {
        expect(found[field], `${preset}: ${field}`).toEqual(whole[field]);
      }
    }
  });
}
