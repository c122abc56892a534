// Links: what cannot be read is named and kept, what can be read shows the same again.
import { FIRST, expect, open, test } from "./app.mjs";

const at = (query, preset = FIRST) => `#/event-based/${preset}?${query}`;

for (const [title, link, field, value] of [
  ["a knob out of its range", at("v=1&delivery_loss=2"), "delivery_loss", "2"],
  ["a field that does not exist", at("v=1&colour=red"), "colour", "red"],
  ["a seed above 64 bits", at("v=1&seed=18446744073709551616"), "seed", "18446744073709551616"],
  ["a preset that does not exist", "#/event-based/order-pizza?v=1", "preset", "order-pizza"],
  ["markup", at('v=1&seed="><img src=x onerror=alert(1)>'), "seed", "<img"],
]) {
  test(`a bad link with ${title} is named and kept`, async ({ page }) => {
    page.on("dialog", (dialog) => {
      throw new Error(`the link ran: ${dialog.message()}`);
    });
    await page.goto(link);
    const error = page.getByTestId("link-error");
    await expect(error).toBeVisible();
    await expect(error).toContainText(field);
    await expect(error).toContainText(value);
    // The whole text is kept, for whoever wants to mend it.
    const kept = await error.getByRole("textbox").inputValue();
    expect(decodeURIComponent(kept)).toContain(link);
    // The preset is one click away.
    await page.getByTestId("link-error-preset").click();
    await expect(error).toBeHidden();
    await expect(page.getByTestId("play")).toBeVisible();
  });
}

test("a link from a newer format says so", async ({ page }) => {
  await page.goto(at("v=2&engine=9.0.0&seed=7"));
  const error = page.getByTestId("link-error");
  await expect(error).toBeVisible();
  await expect(error).toContainText(/newer/i);
});

test("a link from another engine says so and plays all the same", async ({ page }) => {
  const app = await open(page, at("v=1&engine=9.9.9&seed=8"));
  await expect(app.part("notice")).toContainText("9.9.9");
  await expect(app.part("seed")).toHaveValue("8");
});

test("back and forward go through what was opened", async ({ page }) => {
  const app = await open(page);
  const first = await app.state();
  await app.part("preset-lost-events").click();
  await expect(page).toHaveURL(/lost-events/);
  const second = await app.state();
  expect(second).not.toBe(first);
  await page.goBack();
  await expect(app.part("preset-order-invoice")).toHaveAttribute("aria-pressed", "true");
  await expect.poll(() => app.state()).toBe(first);
  await page.goForward();
  await expect(page).toHaveURL(/lost-events/);
  await expect.poll(() => app.state()).toBe(second);
});

test("a link typed into the open page is followed", async ({ page }) => {
  const app = await open(page);
  await page.goto(at("v=1&seed=99&t=5s"));
  await expect(app.part("seed")).toHaveValue("99");
  await expect(app.part("time")).toContainText("5.000");
});

test("the largest seed survives the link and the page", async ({ page }) => {
  const app = await open(page, at("v=1&seed=18446744073709551615&t=5s"));
  await expect(app.part("seed")).toHaveValue("18446744073709551615");
  const link = await app.share();
  expect(link).toContain("seed=18446744073709551615");
});

test("a link reproduces interventions, knobs, playhead and hash", async ({ page, context }) => {
  const query = "v=1&seed=3&publish=outbox-polling&delivery_loss=0.02&do=2s:crash.orders;3s:write&t=4.5s&sel=orders";
  const app = await open(page, at(query));
  const state = await app.state();
  expect(state).toContain("4.500");
  const link = await app.share();
  const other = await open(await context.newPage(), link);
  await expect.poll(() => other.state()).toBe(state);
  expect(await other.share()).toBe(link);
});
