// Two-phase commit: from first sight to a decision that parts two services, its cause, its cure, and
// the link; and a coordinator that dies, for which there is no cure but to wait.
import { axeFindsNothing, cureByKeyboard, expect, linkShowsTheSame, open, test } from "./app.mjs";

const OPERATOR = "#/two-phase-commit/operator-decides?v=1";

test("by mouse: an operator decides, two services differ, waiting cures it, and the link shows the same", async ({ page, context }) => {
  test.setTimeout(120_000);
  const app = await open(page);
  await app.part("pattern-two-phase-commit").click();
  await app.part("preset-operator-decides").click();
  await expect(page).toHaveURL(/operator-decides/);
  await expect(app.part("violation")).toBeHidden();
  await app.hurry();
  await app.part("guide-play").click();
  const card = await app.violation();
  const order = (await card.textContent()).match(/#\d+/)?.[0];
  expect(order, "the card names the order").toBeTruthy();
  await expect(app.part("story")).toContainText(new RegExp(`An operator at \\w+ .*decides alone: abort ${order}`));
  await expect(app.part("invariant-A10")).toHaveAttribute("data-state", "broken");

  await linkShowsTheSame(app, context, "A10");

  await expect(app.part("protection-no-heuristic")).not.toBeChecked();
  await app.part("cure").click();
  await expect(app.part("protection-no-heuristic")).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
  await expect(app.part("invariant-A10")).toHaveAttribute("data-state", "holding");
});

test("a coordinator that dies leaves rows locked, and says so, until it is back", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/two-phase-commit/coordinator-dies?v=1&t=4s");
  const twin = app.part("twin");
  await expect(twin, "who cannot be told").toContainText("nobody to ask");
  await expect(twin, "since when").toContainText(/locked \d/);
  await expect(app.part("story")).toContainText("with all votes and nothing in its log");
  await expect(app.part("invariant-A10")).toHaveAttribute("data-state", "holding");
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  await cureByKeyboard(await open(page, OPERATOR), "no-heuristic");
});

test("axe finds nothing before and after a violation, nor in the legend and the text", async ({ page }) => {
  test.setTimeout(120_000);
  await axeFindsNothing(await open(page, OPERATOR), /coordinator/i);
});
