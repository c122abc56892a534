// The picture never changes the run: however it is played, stepped or scrubbed, the same instant
// has the same hash.
import { expect, frames, open, test } from "./app.mjs";

test("scrubbing there and back gives the same hash", async ({ page }) => {
  const app = await open(page);
  await app.part("restart").click();
  const scrub = async (millis) => {
    await app.part("scrub").fill(String(millis));
    return app.state();
  };
  const places = [21_000, 57_500, 33_333, 8_396, 44_000];
  const seen = [];
  for (const place of places) seen.push(await scrub(place));
  expect(new Set(seen).size).toBe(places.length);
  for (const [index, place] of [...places.entries()].reverse()) {
    expect(await scrub(place)).toBe(seen[index]);
  }
});

test("steps back undo steps", async ({ page }) => {
  const app = await open(page);
  const seen = [];
  for (let step = 0; step < 12; step += 1) {
    seen.push(await app.hash());
    await app.part("step").click();
    await expect.poll(() => app.hash()).not.toBe(seen.at(-1));
  }
  for (const hash of seen.reverse()) {
    await app.part("step-back").click();
    await expect.poll(() => app.hash()).toBe(hash);
  }
});

test("speed and frame rate do not touch the trace", async ({ page }) => {
  test.setTimeout(120_000);
  const session = await page.context().newCDPSession(page);
  const seen = new Set();
  for (const [speed, slowdown] of [["1×", 1], ["5×", 1], ["30×", 1], ["1×", 6], ["1000×", 6]]) {
    // A violation stops the run once: each speed gets a page of its own.
    await page.goto("about:blank");
    const app = await open(page);
    await app.part("speed").selectOption({ label: speed });
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
    await app.playUntilViolation();
    await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    seen.add(await app.state());
  }
  expect([...seen]).toHaveLength(1);
});

test("the same seed gives the same hash in a second page", async ({ page, context }) => {
  const link = "#/event-based/lost-events?v=1&seed=4242&t=33s";
  const app = await open(page, link);
  const other = await open(await context.newPage(), link);
  expect(await other.state()).toBe(await app.state());
});

test("an intervention in the past forks, and both futures can be shown", async ({ page }) => {
  const app = await open(page, "#/event-based/order-invoice?v=1&seed=7&t=3s");
  const original = await app.state();
  // What is on the screen counts as seen: going back makes this the past.
  await app.part("step-back").click();
  await expect.poll(() => app.state()).not.toBe(original);
  const here = await app.time();
  await app.part("node-1").click();
  await app.part("popover").getByTestId("intervene-crash").click();
  await expect(app.part("fork-1")).toBeVisible();
  await expect(app.part("story")).toContainText(/crash/i);
  const forked = await app.state();
  expect(forked).toContain(here);
  await app.part("fork-0").click();
  await expect.poll(() => app.state()).not.toBe(forked);
  const parent = await app.state();
  await app.part("fork-1").click();
  await expect.poll(() => app.state()).toBe(forked);
  await app.part("fork-0").click();
  await expect.poll(() => app.state()).toBe(parent);
});

test("a changed knob can be undone", async ({ page }) => {
  const app = await open(page, "#/event-based/order-invoice?v=1&seed=7&t=20s");
  const before = await app.state();
  const knob = app.part("knob-rate");
  const value = await knob.inputValue();
  await knob.fill("7");
  await knob.press("Enter");
  await expect.poll(() => app.state()).not.toBe(before);
  await app.part("undo").click();
  await expect.poll(() => app.state()).toBe(before);
  await expect(knob).toHaveValue(value);
});

test("a protection can be switched off and on by hand", async ({ page }) => {
  const app = await open(page, "#/event-based/order-invoice?v=1&seed=7&t=20s");
  const before = await app.state();
  const outbox = app.part("protection-outbox");
  await outbox.click();
  await expect(outbox).toBeChecked();
  await expect.poll(() => app.state()).not.toBe(before);
  await outbox.click();
  await expect(outbox).not.toBeChecked();
  await expect.poll(() => app.state()).toBe(before);
});

test("a paused page stays where it is", async ({ page }) => {
  const app = await open(page);
  const before = await app.state();
  await frames(page, 90);
  expect(await app.state()).toBe(before);
});
