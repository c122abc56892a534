// Quorums from first sight to a cart that misses what was just put into it, its cause, its cure, and
// the link to it; then the region that is cut off.
import { axeFindsNothing, cureByKeyboard, expect, linkShowsTheSame, open, test } from "./app.mjs";

const CART = "#/quorum/cart-store?v=1";

test("a read misses the write before it: who read what at which coordinator, the dial, the cure, the link", async ({ page, context }) => {
  test.setTimeout(120_000);
  const app = await open(page, CART);
  await expect(app.part("invariant-A12")).toHaveAttribute("data-state", "holding");
  await expect(app.part("guide")).toContainText(/Shop is about to see #\d+ at Coordinator.*will have written version [1-9]/);
  await app.hurry();
  await app.playUntilViolation();
  const card = app.part("violation");
  await expect(card).toContainText(/Shop saw #\d+ at Coordinator.*although it had written version [1-9]/);
  await expect(card, "the read that missed it").toContainText(/reads #\d+ at Coordinator.*1 version behind/);
  await expect(app.part("invariant-A12")).toHaveAttribute("data-state", "broken");
  // The picture: the dial, and the replicas with what each of them shows.
  const twin = app.part("twin");
  await expect(twin).toContainText("R 1 + W 1 ≤ N 3");
  await expect(twin).toContainText(/Replica 3/);

  // Why was this read stale? The way of the write that it missed, to each replica.
  await card.getByRole("button", { name: "Follow the event" }).click();
  const inspector = app.part("inspector");
  await expect(inspector).toContainText(/query about #\d+/);
  await expect(inspector).toContainText(/Answered by\s*Coordinator/);
  await expect(app.part("chain").first()).toContainText(/Replica \d/);

  await linkShowsTheSame(app, context, "A12");

  await expect(app.part("protection-quorum-overlap")).not.toBeChecked();
  await app.part("cure").click();
  await expect(app.part("protection-quorum-overlap")).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
  await expect(twin).toContainText("R 2 + W 2 > N 3");
  await expect(app.part("guide")).toContainText("the invariant holds", { timeout: 60_000 });
  await expect(app.part("invariant-A12")).toHaveAttribute("data-state", "holding");
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  await cureByKeyboard(await open(page, CART), "quorum-overlap");
});

test("a region is cut off: its writes are refused, its replica misses what others commit, hints cure it", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/quorum/region-cut-off?v=1");
  await app.hurry();
  await app.playUntilViolation();
  await expect(app.part("violation")).toContainText(/Cart #\d+ never reaches all replicas/);
  await expect(app.part("story")).toContainText(/Replica 3 will not show #\d+.*nobody keeps it for that replica/);
  await expect(app.part("guide")).toContainText("Hinted hand-off");
  await app.part("cure").click();
  await expect(app.part("protection-hinted-handoff")).toBeChecked();
});

test("axe finds nothing before and after a violation, nor in the legend and the text", async ({ page }) => {
  test.setTimeout(120_000);
  await axeFindsNothing(await open(page, CART), /coordinator/i);
});
