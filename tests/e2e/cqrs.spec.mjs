// CQRS from first sight to a broken promise to a session, its cause, its cure, and the link to it.
import { axeFindsNothing, cureByKeyboard, expect, linkShowsTheSame, open, test } from "./app.mjs";

const BANK = "#/cqrs/bank-balance?v=1";

test("a session misses its own write: device, read and write are named, the cure holds, the link shows it", async ({ page, context }) => {
  test.setTimeout(120_000);
  const app = await open(page, BANK);
  await expect(app.part("violation")).toBeHidden();
  await expect(app.part("invariant-A12")).toHaveAttribute("data-state", "holding");
  // The guide says what is about to happen, to whom and where.
  await expect(app.part("guide")).toContainText(/(Ana|Ben).*is about to see.*Balances.*will have written/);
  await app.hurry();
  await app.playUntilViolation();
  const card = app.part("violation");
  await expect(card).toContainText(/(Ana|Ben) saw #\d+ at Balances/);
  await expect(card, "the write that was missed").toContainText(/although it had written version \d/);
  await expect(card, "the read that missed it").toContainText(/reads #\d+ at Balances.*behind/);
  await expect(app.part("invariant-A12")).toHaveAttribute("data-state", "broken");
  // The picture says the same: who was shown what, what is true, and how far the view is behind.
  const twin = app.part("twin");
  await expect(twin).toContainText(/true: \d+/);
  await expect(twin).toContainText(/lag: \d+ position/);
  await expect(twin).toContainText(/projector at \d+/);

  // Why was this read stale? Hop by hop, from the commit of the write that it missed.
  await card.getByRole("button", { name: "Follow the event" }).click();
  const inspector = app.part("inspector");
  await expect(inspector).toContainText(/query about #\d+/);
  await expect(inspector).toContainText(/Answered by\s*Balances/);
  await expect(app.part("chain")).toContainText(/Balances still waiting after \d/);
  await expect(app.part("chain")).toContainText(/waits to be read/);

  await linkShowsTheSame(app, context, "A12");

  await expect(app.part("protection-version-token")).not.toBeChecked();
  await app.part("cure").click();
  await expect(app.part("protection-version-token")).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
  // With the token the same read waits, or is answered by the write side.
  await expect(app.part("guide")).toContainText("the invariant holds", { timeout: 60_000 });
  await expect(app.part("invariant-A12")).toHaveAttribute("data-state", "holding");
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  await cureByKeyboard(await open(page, BANK), "version-token");
});

test("a gap that is read past is lost at once, and the cause says which position", async ({ page }) => {
  test.setTimeout(120_000);
  const gap = "&asks_ryw=off&asks_mr=off&asks_mw=off&asks_wfr=off&rate=10&keys=8&gaps=ignore&commit_delay=exp%28100ms%29";
  const app = await open(page, BANK + gap);
  await app.hurry();
  await app.playUntilViolation();
  await expect(app.part("story")).toContainText(/reads past position \d+/);
  await expect(app.part("twin")).toContainText("passed over");
  await expect(app.part("guide")).toContainText("Wait at gaps");
});

test("axe finds nothing before and after a violation, nor in the legend and the text", async ({ page }) => {
  test.setTimeout(120_000);
  await axeFindsNothing(await open(page, BANK), /projector/i);
});
