// A page with ten figures of all patterns: smooth while it is scrolled, and what it downloads.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { add, drawn, expect, put, TAG, test, visit } from "../e2e/embed.mjs";

/** Milliseconds a task may take, figures that may live, bytes of the first figure with gzip -9. */
const [TASK, LIVE, FIRST] = [50, 4, 175 * 1024];
const PATTERNS = ["event-based", "saga", "cqrs", "quorum", "two-phase-commit", "background-sync", "request-reply"];
const TEN = [...PATTERNS, "event-based", "saga", "quorum"];
const PACKAGE = new URL("../../target/package/", import.meta.url);

/** In the page: scrolls down frame by frame, and notes who lives and who moves out of sight. */
async function scrollThrough(pixels) {
  const figures = [...document.querySelectorAll("converge-playground")];
  const before = figures.map(({ currentTime }) => currentTime);
  const seen = { most: 0, frames: 0, strays: [], moved: new Set() };
  while (scrollY + innerHeight < document.documentElement.scrollHeight - 1) {
    scrollBy(0, pixels);
    await new Promise(requestAnimationFrame);
    seen.frames += 1;
    const living = figures.filter(({ loaded, shadowRoot }) => loaded && !shadowRoot.querySelector("[data-testid=stage]").inert);
    seen.most = Math.max(seen.most, living.length);
    figures.forEach((figure, index) => {
      const moves = figure.currentTime !== before[index] && !figure.paused;
      before[index] = figure.currentTime;
      if (!moves) return;
      seen.moved.add(index);
      const { top, bottom } = figure.getBoundingClientRect();
      // It is told a frame or two after it has left.
      if (bottom < -10 * pixels || top > innerHeight + 10 * pixels) seen.strays.push([index, top]);
    });
  }
  return { ...seen, moved: [...seen.moved] };
}

test("ten figures: no long task while scrolling, only the visible run, at most four live", async ({ page }) => {
  await page.addInitScript(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ startTime, duration }) => [Math.round(startTime), duration]))).observe({ type: "longtask" });
  });
  await visit(page);
  await page.addStyleTag({ content: "converge-playground{margin-block:400px}" });
  await add(page, TEN.map((pattern) => `<converge-playground pattern="${pattern}" height="420px" autoplay></converge-playground>`).join(""));
  await page.waitForFunction(() => customElements.get("converge-playground"));
  const seen = await page.evaluate(scrollThrough, 6);
  const tasks = await page.evaluate(() => globalThis.tasks);
  console.log(`${seen.frames} frames, ${seen.moved.length} figures ran, at most ${seen.most} lived, tasks over ${TASK} ms: ${JSON.stringify(tasks)}`);
  expect(seen.moved).toHaveLength(TEN.length);
  expect(seen.strays).toEqual([]);
  expect(seen.most).toBeLessThanOrEqual(LIVE);
  expect(tasks.filter(([, duration]) => duration > TASK)).toEqual([]);
});

test("the first figure is small, the second of its pattern loads nothing", async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const bodies = new Map();
  session.on("Network.responseReceived", ({ requestId, response }) => bodies.set(requestId, { url: response.url, bytes: 0 }));
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => { if (bodies.has(requestId)) bodies.get(requestId).bytes += encodedDataLength; });
  await drawn(await put(page));
  const names = [...bodies.values()].map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith("/docs/converge/"));
  const sizes = names.map((path) => [path.split("/").at(-1), gzipSync(readFileSync(new URL(path.split("/").at(-1), PACKAGE)), { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(`first figure, gzip -9: ${sizes.map((size) => size.join(" ")).join(", ")}: ${total} bytes of ${FIRST}`);
  bodies.clear();
  await add(page, TAG.replace(" preset", ' id="second" seed="12" preset'));
  await drawn(page.locator("#second"));
  const more = [...bodies.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`second figure: ${more} bytes`);
  expect(more).toBe(0);
  expect(total).toBeLessThanOrEqual(FIRST);
});
