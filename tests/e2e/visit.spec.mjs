// A first visit: see it about to go wrong, see it go wrong, cure it, send the link to a colleague.
import { FIRST, expect, open, playground, start, test, watch } from "./app.mjs";

/** From the start page to the first preset, by the problem that it solves. */
async function choose(page) {
  const app = await start(page);
  await app.part(`problem-${FIRST}`).click();
  return playground(page);
}

test("by mouse: it breaks, the cure is one click, and the link shows the same", async ({ page, context }) => {
  const app = await choose(page);
  // It stands a moment before it goes wrong, and waits.
  await expect(app.part("violation")).toBeHidden();
  await expect(app.part("invariant-Q3")).toHaveAttribute("data-state", "pending");
  const before = await app.state();
  await app.playUntilViolation();
  expect(await app.state()).not.toBe(before);
  const card = app.part("violation");
  const order = (await card.textContent()).match(/#\d+/)?.[0];
  expect(order, "the card names the order").toBeTruthy();
  await expect(card, "the card names the cause").toContainText(/crash/i);
  await expect(card).toContainText(/invoice/i);
  await expect(app.part("invariant-Q3")).toHaveAttribute("data-state", "broken");
  await expect(app.part("story")).toContainText(order);
  await expect(app.part("protection-outbox")).not.toBeChecked();

  await app.part("cure").click();
  await expect(app.part("protection-outbox")).toBeChecked();
  // The same order, in the same run but for the cure, now has its invoice.
  const told = app.part("story").locator("li").filter({ hasText: order });
  await expect(told.filter({ hasText: "Invoices shows" }).first()).toBeVisible({ timeout: 45_000 });
  await expect(app.part("invariant-Q3")).not.toHaveAttribute("data-state", "broken");
  await expect(app.part("violation")).toBeHidden();
  // The run stops by itself where the visitor can see it, and says how long it took.
  await expect(app.part("guide")).toContainText(order);

  await app.part("node-1").click();
  await page.keyboard.press("Escape");
  await expect(app.part("inspector")).toContainText("Orders");
  const state = await app.state();
  const inspected = await app.part("inspector").innerText();
  const link = await app.share();
  expect(link).toContain(`#/event-based/${FIRST}?`);
  expect(link.length).toBeLessThan(600);

  const other = await context.newPage();
  const errors = watch(other);
  const theirs = await open(other, link);
  await expect.poll(() => theirs.state()).toBe(state);
  await expect(theirs.part("protection-outbox")).toBeChecked();
  await expect.poll(() => theirs.part("inspector").innerText()).toBe(inspected);
  expect(errors).toEqual([]);
});

test("by keyboard alone", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = await start(page);
  await page.keyboard.press("Tab");
  await app.tabTo(`problem-${FIRST}`);
  await page.keyboard.press("Enter");
  await playground(page);
  await app.tabTo("play");
  await page.keyboard.press("Enter");
  await app.violation();
  await app.tabTo("cure");
  await page.keyboard.press("Enter");
  await expect(app.part("protection-outbox")).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
  await app.tabTo("share");
  await page.keyboard.press("Enter");
  const link = await app.copied();
  const other = await context.newPage();
  const theirs = await open(other, link);
  await expect(theirs.part("protection-outbox")).toBeChecked();
});

test("played again from the start, it stops at the same violation again", async ({ page }) => {
  const app = await open(page);
  await app.playUntilViolation();
  const broken = await app.state();
  await app.part("restart").click();
  await expect(app.part("violation")).toBeHidden();
  // The guide says how far it is now, and offers to go near.
  await expect(app.part("guide")).toContainText(/^In \d/);
  await app.part("speed").selectOption({ label: "10×" });
  await app.playUntilViolation();
  expect(await app.state()).toBe(broken);
  await app.part("restart").click();
  await app.part("guide-go").click();
  await app.part("guide-play").click();
  await app.violation();
  expect(await app.state()).toBe(broken);
});

test("a sale of what is gone stops the run and can be cured", async ({ page }) => {
  const app = await open(page, "#/event-based/stock-order-status?v=1");
  await app.hurry();
  await app.part("guide-play").click();
  await expect(app.part("guide")).toContainText("although it is gone", { timeout: 45_000 });
  const told = await app.state();
  await app.part("step-back").click();
  await app.part("play").click();
  await expect(app.part("guide")).toContainText("although it is gone", { timeout: 45_000 });
  expect(await app.state()).toBe(told);
  await app.part("guide-cure").click();
  await expect(app.part("protection-source-check")).toBeChecked();
  await expect(app.part("story")).toContainText(/refuses .*: none left/, { timeout: 45_000 });
});

test("keys move the playhead while the focus is inside", async ({ page }) => {
  const app = await open(page);
  await app.part("restart").click();
  const start = await app.state();
  await app.part("step").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => app.state()).not.toBe(start);
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("ArrowLeft");
  const middle = await app.state();
  await page.keyboard.press("End");
  await expect.poll(() => app.state()).not.toBe(middle);
  await page.keyboard.press("Home");
  await expect.poll(() => app.state()).toBe(start);
});

test("at its end the run says what it came to, and starts again", async ({ page }) => {
  const app = await open(page, "#/event-based/order-invoice?v=1&seed=2&t=20s");
  await app.part("step").focus();
  await page.keyboard.press("End");
  await expect(app.part("guide")).toContainText(/over: \d+ of \d+ invariants broke/);
  await app.part("guide-again").click();
  await expect(app.part("play")).toHaveAccessibleName("Pause");
  await expect(app.part("guide")).not.toContainText("over");
});

test("every preset opens, and has its own story", async ({ page }) => {
  // One after the other, and every room brings more.
  test.slow();
  const app = await open(page);
  const catalog = await page.evaluate(() => window.converge.catalog());
  const presets = catalog.patterns.flatMap((pattern) => pattern.presets.map((preset) => [pattern.id, preset]));
  expect(presets.length).toBeGreaterThan(5);
  const hashes = new Set();
  for (const [pattern, preset] of presets) {
    // The menu shows the presets of one pattern at a time, those of the one on the stage.
    await app.part(`pattern-${pattern}`).click();
    await app.part(`preset-${preset.id}`).click();
    await expect(page).toHaveURL(new RegExp(`/${preset.id}\\b`));
    // Within the shortest run, and late enough for two stories to differ.
    await app.part("scrub").fill("15000");
    await expect(app.part("time")).toContainText("15.000");
    await app.state();
    hashes.add(await app.hash());
    await expect(app.part("stage")).toBeVisible();
  }
  expect(hashes.size).toBe(presets.length);
});

test("about, legend and help can be opened and closed", async ({ page }) => {
  const app = await open(page);
  for (const id of ["about", "legend", "help"]) {
    await app.part(`${id}-open`).click();
    await expect(app.part(id)).toBeVisible();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expect(dialog).toContainText(/\w{3}/);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  }
});

test("nothing is asked of any other host", async ({ page, baseURL }) => {
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const app = await open(page);
  await app.part("about-open").click();
  await expect(app.part("about")).toBeVisible();
  await page.keyboard.press("Escape");
  const foreign = asked.filter((url) => !url.startsWith(baseURL) && !/^(data|blob):/.test(url));
  expect(foreign).toEqual([]);
});
