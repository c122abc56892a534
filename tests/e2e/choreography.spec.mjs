// The saga that nobody leads: who hears what, a subscriber that is missing with its watchdog, and a
// cycle that the hop cap stops.
import { axeFindsNothing, cureByKeyboard, expect, linkShowsTheSame, open, test } from "./app.mjs";

/** The text twin's line about a service. */
const line = (app, name) => app.part("twin").getByRole("row", { name: new RegExp(`^${name} `) });

test("a payment is refused, and each service undoes what it did", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/saga/order-fulfilment?v=1&t=8s");
  const story = app.part("story");
  await expect(story).toContainText("Payments refuses #5001: it cannot be had.");
  await expect(story).toContainText("Payments tells Credit that it will not do #5001.");
  await expect(line(app, "Orders")).toContainText("#5001 compensated, Stock undone, Credit undone, Payments failed");
  for (const service of ["Stock", "Credit"]) await expect(line(app, service)).toContainText("#5001 cancelled");
  // The way of the saga through the web is lit: there and back, and no further.
  for (const [from, to] of [[1, 2], [2, 3], [3, 4], [4, 3], [3, 2]]) {
    await expect(app.part(`link-${from}-${to}`)).toHaveClass(/pipe--lit/);
  }
  await expect(app.part("link-4-5")).not.toHaveClass(/pipe--lit/);
  await expect(app.part("node-1")).toContainText("Pairs joined");
  await expect(app.part("node-1")).toContainText("8 of 10");
});

test("a subscriber is missing: no one notices, until a watchdog does", async ({ page, context }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/saga/missing-subscriber?v=1");
  await app.hurry();
  await app.playUntilViolation();
  await expect(app.part("violation")).toContainText("Payments does not listen, and nobody notices.");
  await expect(app.part("invariant-Q4")).toHaveAttribute("data-state", "broken");
  await linkShowsTheSame(app, context, "Q4");
  await app.part("cure").click();
  await expect(app.part("protection-watchdog")).toBeChecked();
  await expect(app.part("guide")).toContainText("the invariant holds", { timeout: 60_000 });
  await app.part("play").focus();
  await page.keyboard.press("End");
  for (const id of ["Q4", "Q5"]) await expect(app.part(`invariant-${id}`)).toHaveAttribute("data-state", "holding");
  for (const service of ["Stock", "Credit"]) await expect(line(app, service)).not.toContainText("pending");
});

test("a cycle of events stops at the hop cap, which says so", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/saga/event-cycle?v=1&t=30s");
  await expect(app.part("story")).toContainText("any more: the hop cap stops the cycle.");
  await expect(line(app, "Orders")).toContainText(/\d+ stopped at the hop cap/);
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  await cureByKeyboard(await open(page, "#/saga/missing-subscriber?v=1"), "watchdog");
});

test("axe finds nothing before and after a violation, nor in the legend and the text", async ({ page }) => {
  test.setTimeout(120_000);
  await axeFindsNothing(await open(page, "#/saga/missing-subscriber?v=1"), /pivot/i);
});
