// Orchestrated request–reply: how long the customer waits beside the same orders by events, who waits
// for a connection, and an order that nobody will ever undo, with its cause, its cure and its link.
import { axeFindsNothing, cureByKeyboard, expect, linkShowsTheSame, open, test } from "./app.mjs";

const DIES = "#/request-reply/orchestrator-dies?v=1";

/** The text twin's line about a service. */
const line = (app, name) => app.part("twin").getByRole("row", { name: new RegExp(`^${name} `) });

/** A median of the table that compares, in milliseconds. */
async function median(app, name) {
  const row = app.part("before").getByRole("row", { name: new RegExp(`^${name}`) });
  const text = (await row.getByRole("cell").first().textContent()) ?? "";
  const [, number, unit] = text.match(/^([\d.]+) (µs|ms|s)/) ?? [];
  return Number(number) * { "µs": 0.001, ms: 1, s: 1000 }[unit];
}

test("the customer waits for the sum of all calls, and by events for none of them", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/request-reply/order-invoice-orchestrated?v=1&t=40s");
  await expect(app.part("before")).toContainText("Orchestrated");
  await expect(async () => {
    const [orchestrated, events] = [await median(app, "Orchestrated"), await median(app, "Events")];
    expect(orchestrated, "three calls of 51 ms").toBeGreaterThan(100);
    expect(events, "the first service only").toBeLessThan(10);
  }).toPass({ timeout: 60_000 });
  // What the picture says of a request that is answered: each call, and how long it took.
  await expect(line(app, "Checkout")).toContainText(/answered \d+ ms, Orders done, Invoices done, Shipping done/);
});

test("a slow service takes the connections, and calls wait for one", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/request-reply/slow-dependency?v=1&t=3600ms");
  await expect(line(app, "Checkout")).toContainText(/3 of 3 busy · \d+ calls? waits?/);
  await expect(app.part("node-1").locator(".slot--busy")).toHaveCount(3);
  await expect(line(app, "Checkout")).toContainText("waits for a connection");
});

test("a breaker opens, and the story says so", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/request-reply/service-down?v=1&t=6400ms");
  await expect(app.part("story")).toContainText(/The breaker opens: Checkout leaves \w+ alone for a while/);
  for (const id of ["A8", "A1"]) {
    await expect(app.part(`invariant-${id}`)).toHaveAttribute("data-state", "holding");
  }
});

test("by mouse: nobody undoes what one service has; a key cures it, and the link shows the same", async ({ page, context }) => {
  test.setTimeout(120_000);
  const app = await open(page);
  await app.part("pattern-request-reply").click();
  await app.part("preset-orchestrator-dies").click();
  await expect(page).toHaveURL(/orchestrator-dies/);
  await app.hurry();
  await app.part("guide-play").click();
  const card = await app.violation();
  const order = (await card.textContent()).match(/#\d+/)?.[0];
  expect(order, "the card names the order").toBeTruthy();
  await expect(app.part("story")).toContainText("crashes between two calls: what it knew is gone.");
  await expect(app.part("story")).toContainText(`Checkout has forgotten ${order}: it has no log.`);
  await expect(line(app, "Orders")).toContainText(`${order} orphaned`);
  await expect(app.part("invariant-Q4")).toHaveAttribute("data-state", "broken");

  await linkShowsTheSame(app, context, "Q4");

  await expect(app.part("protection-request-key")).not.toBeChecked();
  await app.part("cure").click();
  await expect(app.part("protection-request-key")).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
  await expect(app.part("invariant-Q4")).not.toHaveAttribute("data-state", "broken");
  await expect(app.part("guide")).toContainText("the invariant holds", { timeout: 60_000 });
});

test("a retry orders twice: the card says so", async ({ page }) => {
  test.setTimeout(120_000);
  const app = await open(page, "#/request-reply/order-twice?v=1");
  await app.hurry();
  await app.playUntilViolation();
  await expect(app.part("violation")).toContainText(/rder #\d+ was made again for a request that was asked again/);
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  await cureByKeyboard(await open(page, "#/request-reply/late-call?v=1"), "cancel-tombstone");
});

test("axe finds nothing before and after a violation, nor in the legend and the text", async ({ page }) => {
  test.setTimeout(120_000);
  await axeFindsNothing(await open(page, DIES), /connection/i);
});
