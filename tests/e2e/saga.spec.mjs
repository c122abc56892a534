// The saga: a car that fails and what is undone, a saga that waits for a person, and a broken invariant
// with its cure and its link.
import { axeFindsNothing, cureByKeyboard, expect, linkShowsTheSame, open, test } from "./app.mjs";

const TRIP = "#/saga/trip-booking?v=1";
/** The hotel's first cancellation is lost on its way. */
const LOST = `${TRIP}&do=480ms%3Adrop.trips.hotels.compensate.1.0.0`;

/** The text twin's line about a service. */
const line = (app, name) => app.part("twin").getByRole("row", { name: new RegExp(`^${name} `) });

test("the car fails, a cancellation is lost and repeated, and nothing is left held", async ({ page }) => {
  test.setTimeout(120_000);
  const before = await open(page, `${TRIP}&t=380ms`);
  for (const service of ["Flights", "Hotels"]) await expect(line(before, service)).toContainText("#2001 pending");
  await expect(line(before, "Trips")).toContainText("#2001 on its way, Flights done, Hotels done, Cars asked");

  await page.goto("about:blank");
  const app = await open(page, `${LOST}&t=2s`);
  await expect(app.part("story")).toContainText("Cars refuses #2001: it cannot be had.");
  await expect(app.part("story")).toContainText("The saga of #2001 turns round");
  await expect(app.part("story")).toContainText("The compensation #2001 is lost by your hand.");
  // One lane goes back: the hotel is being undone, the flight is not yet.
  await expect(line(app, "Trips")).toContainText("#2001 compensating, Flights done, Hotels being undone, Cars failed");
  await expect(app.part("node-1").locator(".station__undo")).toHaveCount(1);
  await expect(line(app, "Hotels")).toContainText("#2001 pending");

  await page.goto("about:blank");
  const after = await open(page, `${LOST}&t=4500ms`);
  const story = after.part("story");
  await expect(story).toContainText("Trips asks Hotels to cancel #2001, once more.");
  const text = await story.textContent();
  const [hotel, flight] = [text.indexOf("Hotels cancels #2001"), text.indexOf("Flights cancels #2001")];
  expect(flight, "newest first: the flight after the hotel").toBeGreaterThan(-1);
  expect(hotel).toBeGreaterThan(flight);
  for (const service of ["Flights", "Hotels"]) await expect(line(after, service)).toContainText("#2001 cancelled");
  await expect(line(after, "Trips")).toContainText("#2001 compensated");
  // At the end nothing is held, what was taken is what sagas have, and each saga is done or undone.
  await after.part("play").focus();
  await page.keyboard.press("End");
  for (const id of ["Q4", "Q5", "A1", "A8", "A9"]) {
    await expect(after.part(`invariant-${id}`)).toHaveAttribute("data-state", "holding");
  }
  for (const service of ["Flights", "Hotels", "Cars"]) await expect(line(after, service)).not.toContainText("pending");
});

test("a saga that is stuck waits for the visitor, who helps it", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/saga/trip-booking?v=1&undo_failure=1&undo_attempts=2&failure_3=1&t=6s");
  await expect(line(app, "Trips")).toContainText(/\d stuck/);
  await expect(app.part("story")).toContainText("is stuck: it waits for a person.");
  await app.part("intervene").click();
  const help = page.getByTestId("intervene-redrive").first();
  await expect(help).toHaveText("Help the sagas that are stuck at Hotels");
  await help.click();
  await app.part("play").click();
  await expect(app.part("story")).toContainText(/Hotels cancels #\d+/, { timeout: 30_000 });
});

test("what another saga did is erased: cause, cure and link", async ({ page, context }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/saga/two-sagas-one-seat?v=1");
  await expect(app.part("guide")).toContainText("is about to be overwritten by one that had not seen it");
  await app.hurry();
  await app.playUntilViolation();
  const card = app.part("violation");
  await expect(card).toContainText(/change of seat #\d+ was overwritten by one that had not seen it/);
  await expect(card, "the compensation that did it").toContainText(/Seats undoes #\d+ and erases \d change/);
  await expect(app.part("invariant-Q2")).toHaveAttribute("data-state", "broken");
  await linkShowsTheSame(app, context, "Q2");
  await expect(app.part("protection-commutative-updates")).not.toBeChecked();
  await app.part("cure").click();
  await expect(app.part("protection-commutative-updates")).toBeChecked();
  await expect(app.part("guide")).toContainText("the invariant holds", { timeout: 60_000 });
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  await cureByKeyboard(await open(page, "#/saga/cancelled-first?v=1"), "cancel-tombstone");
});

test("axe finds nothing before and after a violation, nor in the legend and the text", async ({ page }) => {
  test.setTimeout(120_000);
  await axeFindsNothing(await open(page, "#/saga/cancelled-first?v=1"), /pivot/i);
});
