// When a figure loads, runs, sleeps and goes, and what it leaves alone.
import { add, drawn, expect, fake, put, TAG, test, visit, WASM } from "./embed.mjs";
import { held, measuring, mountAndRemove, noteInstances } from "./mounts.mjs";

const FAR = '<div style="height:5000px"></div>';
const time = (figure) => figure.evaluate((element) => element.currentTime);

/** Notes what a page asks its host for. */
function requests(page) {
  const names = [];
  page.on("request", (request) => names.push(new URL(request.url()).pathname.split("/").at(-1)));
  return names;
}

test("nothing of the figure is fetched before it is near", async ({ page }) => {
  const asked = requests(page);
  const figure = await put(page, FAR + TAG);
  await page.waitForFunction(() => customElements.get("converge-playground"));
  const early = asked.filter((name) => /\.(js|css|wasm|lzma)$/.test(name)).sort();
  expect(early).toEqual(["converge-build.js", "converge-options.js", "converge-playground.js"]);
  await figure.scrollIntoViewIfNeeded();
  await drawn(figure);
  expect(asked.filter((name) => WASM.test(name))).toHaveLength(1);
  expect(asked).toContain("converge-figure.css");
});

test("a second figure downloads nothing, and two do not mix", async ({ page }) => {
  const first = await drawn(await put(page));
  await page.evaluate(() => performance.clearResourceTimings());
  const bodies = [];
  page.on("response", async (response) => {
    if (response.status() === 200) bodies.push(response.url());
  });
  await add(page, TAG.replace(" preset", ' id="second" seed="12" preset'));
  const second = await drawn(page.locator("#second"));
  expect(bodies).toEqual([]);
  // By definition 300 bytes stand for the head of an answer, whatever that was.
  const bytes = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name, transferSize }) => [name, transferSize]));
  expect(bytes.filter(([, size]) => size > 300)).toEqual([]);
  await second.evaluate((element) => element.seek(3));
  const before = await first.evaluate((element) => element.getState());
  await second.evaluate((element) => element.intervene({ do: "crash", node: "Orders" }));
  expect(await first.evaluate((element) => element.getState())).toBe(before);
  expect(await second.evaluate((element) => element.getState())).toContain("seed=12");
});

test("of ten on a page only those in sight run, and at most four live", async ({ page }) => {
  await fake(page);
  await visit(page, "ten.html");
  const live = () => page.evaluate(() => globalThis.fakes);
  const times = () => page.locator("converge-playground").evaluateAll((all) => all.map((element) => element.currentTime));
  await expect.poll(live).toBeGreaterThan(0);
  let most = 0;
  for (let index = 0; index < 10; index += 1) {
    const figure = page.locator(`#f${index}`);
    await figure.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await expect.poll(() => figure.evaluate((element) => element.paused)).toBe(false);
    most = Math.max(most, await live());
    const before = await times();
    await expect.poll(() => time(figure)).toBeGreaterThan(before[index]);
    const moved = (await times()).filter((now, other) => now > before[other]);
    expect(moved, `figure ${index} alone is in sight`).toHaveLength(1);
  }
  expect(most).toBeLessThanOrEqual(4);
});

test("more in sight than can live: each is drawn, and four stay", async ({ page }) => {
  await fake(page);
  await page.setViewportSize({ width: 1200, height: 1000 });
  await put(page, TAG.replace(" preset", ' height="120px" preset').repeat(7));
  const all = page.locator("converge-playground");
  await expect.poll(() => all.evaluateAll((figures) => figures.filter(({ loaded }) => loaded).length)).toBe(7);
  await expect.poll(() => page.evaluate(() => globalThis.fakes)).toBe(4);
  // One that sleeps in sight wakes when it is wanted.
  await all.nth(6).evaluate((element) => element.play());
  expect(await all.nth(6).evaluate((element) => element.paused)).toBe(false);
  expect(await page.evaluate(() => globalThis.fakes)).toBeLessThanOrEqual(4);
});

test("a figure sleeps far away as its last frame, and wakes where it was", async ({ page }) => {
  const figure = await drawn(await put(page, TAG.replace(" preset", ' seed="12" preset') + FAR + FAR));
  await figure.evaluate((element) => element.seek(4.5));
  await figure.evaluate((element) => element.intervene({ do: "crash", node: "Orders" }));
  const state = await figure.evaluate((element) => element.getState());
  await page.evaluate(() => scrollTo(0, 8000));
  const stage = figure.getByTestId("stage");
  await expect.poll(() => stage.evaluate((element) => element.inert)).toBe(true);
  await expect(stage).toContainText("Orders");
  expect(await time(figure)).toBe(4.5);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => stage.evaluate((element) => element.inert)).toBe(false);
  expect(await figure.evaluate((element) => element.getState())).toBe(state);
  expect(await time(figure)).toBe(4.5);
});

test("one that plays stands while it is out of sight and goes on when it is back", async ({ page }) => {
  await fake(page);
  const figure = await drawn(await put(page, TAG + FAR + FAR));
  await figure.evaluate((element) => element.play());
  await expect.poll(() => time(figure)).toBeGreaterThan(0.2);
  await page.evaluate(() => scrollTo(0, 8000));
  await expect.poll(() => page.evaluate(() => globalThis.fakes)).toBe(0);
  const slept = await time(figure);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => time(figure)).toBeGreaterThan(slept);
  expect(await time(figure)).toBeLessThan(slept + 3);
});

test("nothing on the page moves when figures are drawn", async ({ page }) => {
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map(({ value, sources }) => [value, sources.map(({ node }) => node?.nodeName)]))).observe({ type: "layout-shift", buffered: true });
  });
  await visit(page);
  await page.waitForFunction(() => customElements.get("converge-playground"));
  await add(page, `<p>Before</p>${TAG}<p>After</p>`);
  const figure = page.locator("converge-playground");
  const tall = await figure.evaluate((element) => element.getBoundingClientRect().height);
  await drawn(figure);
  await figure.evaluate((element) => element.play());
  await expect.poll(() => time(figure)).toBeGreaterThan(0.2);
  expect(await figure.evaluate((element) => element.getBoundingClientRect().height)).toBe(tall);
  // Words inside the figure may be pushed by a growing number; the page around stands.
  const shifts = await page.evaluate(() => globalThis.shifts);
  expect(shifts.reduce((sum, [value]) => sum + value, 0), JSON.stringify(shifts)).toBeLessThan(0.0001);
});

test("neither the children nor the attributes of the element are touched", async ({ page }) => {
  await visit(page);
  await page.locator("main").evaluate((main, html) => {
    globalThis.changes = [];
    new MutationObserver((records) => globalThis.changes.push(...records.filter(({ target }) => target !== main).map(({ type, attributeName }) => [type, attributeName]))).observe(main, { subtree: true, childList: true, attributes: true, characterData: true });
    main.insertAdjacentHTML("beforeend", html);
  }, TAG.replace("></", "><a href='#x'>Open</a></"));
  const figure = await drawn(page.locator("converge-playground"));
  await figure.evaluate((element) => element.step());
  expect(await page.evaluate(() => globalThis.changes)).toEqual([]);
});

test("a removed figure lets go of everything, and its instance serves the next", async ({ page }) => {
  await noteInstances(page);
  await visit(page);
  const session = await measuring(page);
  await mountAndRemove(page, TAG, 5);
  const { heap: _, ...first } = await held(page, session);
  expect(first.wasmPages).toHaveLength(1);
  await mountAndRemove(page, TAG, 10);
  expect(await held(page, session)).toMatchObject(first);
});

test("what leaves while it is made is let go, and its instance serves the next", async ({ page }) => {
  await fake(page);
  await noteInstances(page);
  const figure = await put(page, TAG.replace("order-invoice", "endless").replace("></", ">In words</"));
  const live = () => page.evaluate(() => globalThis.fakes);
  await expect.poll(live).toBe(1);
  expect(await figure.evaluate(({ loaded }) => loaded)).toBe(false);
  await expect(page.getByText("In words")).toBeVisible();
  await figure.evaluate((element) => element.remove());
  await expect.poll(live).toBe(0);
  await add(page, TAG);
  await drawn(page.locator("converge-playground"));
  expect(await live()).toBe(1);
  expect(await page.evaluate(() => globalThis.instances())).toBe(1);
});

test("an element that is put elsewhere in the page goes on", async ({ page }) => {
  const figure = await drawn(await put(page));
  await figure.evaluate((element) => element.seek(3));
  await figure.evaluate((element) => document.body.append(element));
  expect(await time(figure)).toBe(3);
  await figure.evaluate((element) => element.step());
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the children of the element are what there is to see", async ({ page }) => {
    await visit(page, "strict.html");
    await expect(page.getByRole("link", { name: "Open the playground" })).toBeVisible();
  });
});
