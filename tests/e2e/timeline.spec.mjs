// The timeline by hand: zoom, move, scrub, fold, and the other future.
import { expect, open, test } from "./app.mjs";

/** The timeline of a page. */
class Timeline {
  constructor(app) {
    this.app = app;
    this.page = app.page;
    this.frame = app.part("timeline-frame");
  }

  /** A place on the lanes: a share of the width, and pixels from the top. */
  async place(share, down = 30) {
    await this.frame.scrollIntoViewIfNeeded();
    const { x, y, width } = await this.frame.boundingBox();
    return [x + share * width, y + down];
  }

  /** The instants on the scale, in seconds. */
  async ticks() {
    const texts = await this.frame.locator(".lane__tick").allTextContents();
    return texts.map((text) => Number.parseFloat(text));
  }

  length() {
    return this.app.part("view-length").textContent();
  }

  async seconds() {
    return Number.parseFloat(await this.app.time());
  }

  async drag(from, to, down) {
    await this.page.mouse.move(...(await this.place(from, down)));
    await this.page.mouse.down();
    await this.page.mouse.move(...(await this.place((from + to) / 2, down)));
    await this.page.mouse.move(...(await this.place(to, down)), { steps: 4 });
    await this.page.mouse.up();
  }
}

const AT = "#/event-based/order-invoice?v=1&seed=2&t=21s";

test("Ctrl and the wheel zoom; the wheel alone scrolls the page", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 700 });
  const app = await open(page, AT);
  const timeline = new Timeline(app);
  await expect.poll(() => timeline.length()).toBe("5 s");
  await page.mouse.move(...(await timeline.place(0.6)));
  const scrolled = () => page.evaluate(() => document.scrollingElement.scrollTop);
  const before = await scrolled();
  await page.mouse.wheel(0, 120);
  await expect.poll(scrolled).toBeGreaterThan(before);
  expect(await timeline.length()).toBe("5 s");

  await page.mouse.move(...(await timeline.place(0.6)));
  const still = await scrolled();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -120);
  await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  await expect.poll(async () => Number.parseFloat(await timeline.length())).toBeLessThan(3);
  expect(await scrolled()).toBe(still);
  await expect(app.part("zoom-reset")).toBeEnabled();
  await app.part("zoom-reset").click();
  await expect.poll(() => timeline.length()).toBe("5 s");
  await expect(app.part("zoom-reset")).toBeDisabled();
});

test("dragging the lanes moves the stretch and not the playhead; a click seeks", async ({ page }) => {
  const app = await open(page, AT);
  const timeline = new Timeline(app);
  const [ticks, state] = [await timeline.ticks(), await app.state()];
  await timeline.drag(0.8, 0.3);
  await expect.poll(async () => (await timeline.ticks())[0]).toBeGreaterThan(ticks[0]);
  expect(await app.state()).toBe(state);
  // Far away the playhead is out of sight, and no line says otherwise.
  for (let time = 0; time < 3; time += 1) await timeline.drag(0.95, 0.2);
  await expect(app.part("playhead")).toBeHidden();
  expect(await app.state()).toBe(state);
  const moved = await timeline.ticks();
  await page.mouse.click(...(await timeline.place(0.5)));
  await expect.poll(() => timeline.seconds()).toBeGreaterThan(moved[0] - 1);
  await expect(app.part("playhead")).toBeVisible();
  // What was clicked on stays where it is.
  expect(await timeline.ticks()).toEqual(moved);
});

test("dragging the playhead scrubs, and so does dragging the scale", async ({ page }) => {
  const app = await open(page, AT);
  const timeline = new Timeline(app);
  const ticks = await timeline.ticks();
  const { x, width } = await app.part("playhead").boundingBox();
  const frame = await timeline.frame.boundingBox();
  const share = (x + width / 2 - frame.x) / frame.width;
  await timeline.drag(share, 0.9);
  await expect.poll(() => timeline.seconds()).toBeGreaterThan(21.5);
  const late = await timeline.seconds();
  await timeline.drag(0.8, 0.4, frame.height - 8);
  await expect.poll(() => timeline.seconds()).toBeLessThan(late - 1);
  expect(await timeline.ticks()).toEqual(ticks);
  // The slider over the whole run goes on working.
  await app.part("scrub").fill("40000");
  await expect(app.part("time")).toContainText("40.000");
});

test("keys and buttons zoom and move the stretch", async ({ page }) => {
  const app = await open(page, AT);
  const timeline = new Timeline(app);
  await app.part("step").focus();
  await page.keyboard.press("+");
  await expect.poll(() => timeline.length()).toBe("2.5 s");
  const [first] = await timeline.ticks();
  await page.keyboard.press(".");
  await expect.poll(async () => (await timeline.ticks())[0]).toBeGreaterThan(first);
  await page.keyboard.press(",");
  await expect.poll(async () => (await timeline.ticks())[0]).toBe(first);
  await page.keyboard.press("-");
  await expect.poll(() => timeline.length()).toBe("5 s");
  await page.keyboard.press("0");
  for (let time = 0; time < 4; time += 1) await app.part("zoom-out").click();
  // The whole run: there is nothing to move to.
  await expect(app.part("view-later")).toBeDisabled();
  await expect(app.part("zoom-out")).toBeDisabled();
  expect((await timeline.ticks()).at(0)).toBe(0);
  await page.keyboard.press("0");
  await expect.poll(() => timeline.length()).toBe("5 s");
});

test("quiet stretches fold and unfold, and a folded scale still seeks", async ({ page }) => {
  const app = await open(page, "#/event-based/meter-billing-grid?v=1&t=10s");
  const timeline = new Timeline(app);
  const folds = timeline.frame.locator(".lane__fold");
  await expect(folds).toHaveCount(0);
  await app.part("fold").click();
  await expect(folds).not.toHaveCount(0);
  await page.mouse.click(...(await timeline.place(0.9)));
  await expect.poll(() => timeline.seconds()).toBeGreaterThan(11);
  await app.part("fold").click();
  await expect(folds).toHaveCount(0);
});

test("the other future of a fork is shown faint, from either side", async ({ page }) => {
  const app = await open(page, AT);
  await app.part("step-back").click();
  await app.part("scrub").fill("19500");
  await expect(app.part("ghost")).toHaveCount(0);
  await app.part("intervene").click();
  await page.getByTestId("intervene-crash").first().click();
  await expect(app.part("fork-1")).toHaveAttribute("aria-pressed", "true");
  await expect(app.part("ghost").locator("path").first()).toBeAttached();
  const faint = await app.part("ghost").evaluate((ghost) => Number(getComputedStyle(ghost).opacity));
  expect(faint).toBeLessThan(0.5);
  await page.keyboard.press("Escape");
  // The fork has to be seen before it can be shown from the other side.
  await app.part("scrub").fill("20500");
  await app.part("scrub").fill("19500");
  await app.part("fork-0").click();
  await expect(app.part("ghost")).toHaveCount(1);
});
