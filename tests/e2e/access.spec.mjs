// Who sees, moves or holds a screen differently can use it too.
import { complaints, expect, fitsAcross, frames, open, test } from "./app.mjs";

for (const colorScheme of ["light", "dark"]) {
  test.describe(`${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test("axe finds nothing on the first screen", async ({ page }) => {
      await open(page);
      expect(await complaints(page)).toEqual([]);
    });

    test("axe finds nothing with a violation, an inspected service and dialogs", async ({ page }) => {
      test.setTimeout(120_000);
      const app = await open(page);
      await app.hurry();
      await app.playUntilViolation();
      expect.soft(await complaints(page)).toEqual([]);
      await app.part("node-1").click();
      expect.soft(await complaints(page)).toEqual([]);
      for (const id of ["about", "legend", "help"]) {
        await app.part(`${id}-open`).click();
        await expect(app.part(id)).toBeVisible();
        expect.soft(await complaints(page)).toEqual([]);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toBeHidden();
      }
    });

    test("axe finds nothing at a bad link", async ({ page }) => {
      await page.goto("#/event-based/order-invoice?v=1&colour=red");
      await expect(page.getByTestId("link-error")).toBeVisible();
      expect(await complaints(page)).toEqual([]);
    });
  });
}

for (const [width, height] of [[360, 740], [768, 1024], [3840, 2160]]) {
  test(`nothing sticks out at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const app = await open(page);
    await app.hurry();
    await app.playUntilViolation();
    await fitsAcross(page);
    for (const id of ["play", "step", "share", "stage", "guide"]) {
      await app.part(id).scrollIntoViewIfNeeded();
      const box = await app.part(id).boundingBox();
      expect(box.x, id).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, id).toBeLessThanOrEqual(width + 1);
    }
    // Each panel of the narrow layout fits as well.
    for (const tab of await app.page.getByTestId(/^tab-/).all()) {
      if (!(await tab.isVisible())) continue;
      await tab.click();
      await fitsAcross(page);
    }
  });
}

test("with reduced motion nothing starts itself, and play goes by steps", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const app = await open(page);
  const before = await app.state();
  await frames(page, 90);
  expect(await app.state()).toBe(before);
  const animations = await page.evaluate(() => {
    const root = document.querySelector("#converge").shadowRoot;
    const all = [...document.getAnimations(), ...root.getAnimations()];
    return all.filter((animation) => animation.playState === "running").length;
  });
  expect(animations).toBe(0);
  await app.part("play").click();
  await expect.poll(() => app.state()).not.toBe(before);
});

test("every control has a name", async ({ page }) => {
  await open(page);
  const nameless = await page.evaluate(() => {
    const root = document.querySelector("#converge").shadowRoot;
    const controls = root.querySelectorAll("button, input, select, textarea, a[href], [role=switch], [tabindex='0']");
    const named = (element) =>
      element.getAttribute("aria-label") ||
      element.getAttribute("aria-labelledby") ||
      element.textContent.trim() ||
      element.labels?.length ||
      element.title;
    return [...controls].filter((element) => !named(element)).map((element) => element.outerHTML.slice(0, 200));
  });
  expect(nameless).toEqual([]);
});

test("the page can be read without the picture", async ({ page }) => {
  const app = await open(page);
  await app.hurry();
  await app.playUntilViolation();
  const tree = await page.locator("body").ariaSnapshot();
  for (const word of ["Orders", "Invoices", "Shipping"]) expect(tree).toContain(word);
});
