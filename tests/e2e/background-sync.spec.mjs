// Background sync: from first sight to a broken invariant, its cause, its cure, and the link.
import AxeBuilder from "@axe-core/playwright";
import { expect, open, test, watch } from "./app.mjs";

const LATE = "#/background-sync/late-commit";

test("by mouse: a late commit is lost, the lookback finds it, and the link shows the same", async ({ page, context }) => {
  const app = await open(page);
  await app.part("pattern-background-sync").click();
  await app.part("preset-late-commit").click();
  await expect(page).toHaveURL(/late-commit/);
  await expect(app.part("violation")).toBeHidden();
  await app.hurry();
  await app.part("guide-play").click();
  const card = await app.violation();
  const payment = (await card.textContent()).match(/#\d+/)?.[0];
  expect(payment, "the card names the payment").toBeTruthy();
  await expect(card, "the card names the cause").toContainText("watermark");
  // The source shows the mark, and which row lies behind it that no run will look for.
  const source = app.part("node-1");
  await expect(source.locator(".row--mark")).toContainText("watermark");
  await expect(source.locator(".row.tone-bad", { hasText: payment })).toHaveCount(1);
  await expect(app.part("protection-lookback")).not.toBeChecked();

  await app.part("cure").click();
  await expect(app.part("protection-lookback")).toBeChecked();
  // The run plays on until the same payment is there, and says how long that took.
  const guide = app.part("guide");
  await expect(guide).toContainText(`${payment}, the same arrivals`, { timeout: 45_000 });
  await expect(app.part("node-2").locator(".row.tone-bad")).toHaveCount(0);
  await expect(app.part("violation")).toBeHidden();

  const state = await app.state();
  const link = await app.share();
  expect(link).toContain("#/background-sync/late-commit?");
  const other = await context.newPage();
  const errors = watch(other);
  const theirs = await open(other, link);
  await expect.poll(() => theirs.state()).toBe(state);
  await expect(theirs.part("protection-lookback")).toBeChecked();
  expect(errors).toEqual([]);
});

test("by keyboard alone", async ({ page }) => {
  const app = await open(page, LATE);
  await page.keyboard.press("Tab");
  await app.tabTo("guide-play");
  await page.keyboard.press("Enter");
  await app.violation();
  await app.tabTo("cure");
  await page.keyboard.press("Enter");
  await expect(app.part("protection-lookback")).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
});

test("the clock's hand stands where the time is, at every step", async ({ page }) => {
  const app = await open(page, `${LATE}?v=1&t=3s`);
  const angle = async () => {
    const turned = await app.part("stage").locator(".hand path").getAttribute("transform");
    return Number(turned.match(/rotate\(([\d.]+)\)/)[1]);
  };
  // Half of the first period of six seconds.
  await expect.poll(angle).toBeCloseTo(180, 0);
  await app.part("scrub").fill("4500");
  await expect.poll(angle).toBeCloseTo(270, 0);
  await app.part("step").click();
  await app.state();
  const at = Number((await app.time()).match(/([\d.]+) s/)[1]);
  await expect.poll(angle).toBeCloseTo(((at % 6) / 6) * 360, 0);
});

test("every preset is drawn from start to end without a complaint", async ({ page }) => {
  test.setTimeout(180_000);
  const app = await open(page, LATE);
  const catalog = await page.evaluate(() => window.converge.catalog());
  const { presets } = catalog.patterns.find(({ id }) => id === "background-sync");
  expect(presets.length).toBe(8);
  for (const preset of presets) {
    await app.part(`preset-${preset.id}`).click();
    await expect(page).toHaveURL(new RegExp(`/${preset.id}\\b`));
    for (const at of ["7500", "21300", "60000"]) {
      await app.part("scrub").fill(at);
      await app.state();
      await expect(app.part("stage").locator(".dial")).toBeVisible();
    }
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing at a violation, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const app = await open(page, LATE);
    await app.hurry();
    await app.part("guide-play").click();
    await app.violation();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
  });
}
