// The start page: whoever comes without a link finds a pattern by the problem it solves.
import { FIRST, complaints, expect, fitsAcross, frames, open, playground, start, test } from "./app.mjs";

test("every problem and every pattern leads to a preset", async ({ page }) => {
  await start(page);
  const { patterns } = await page.evaluate(() => window.converge.catalog());
  const presets = patterns.flatMap(({ id, presets }) => presets.map((preset) => `#/${id}/${preset.id}`));
  const addresses = (list) => list.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const problems = await addresses(page.getByTestId(/^problem-(?!matrix)/));
  expect(problems.length).toBeGreaterThan(10);
  for (const address of problems) expect(presets).toContain(address);
  const solved = new Set(problems.map((address) => address.split("/")[1]));
  expect([...solved]).toEqual(patterns.map(({ id }) => id));
  expect(await addresses(page.getByTestId(/^open-/))).toEqual(presets);
});

test("a problem opens its preset, and back and forward go between the pages", async ({ page }) => {
  const app = await start(page);
  await expect(page).toHaveTitle(/^Converge/);
  await app.part("problem-trip-booking").click();
  await playground(page);
  await expect(page).toHaveTitle("Vacation booking · Converge");
  await expect(app.part("preset-trip-booking")).toHaveAttribute("aria-pressed", "true");
  await expect(app.part("guide-play")).toBeVisible();
  expect(await app.focused()).toBe("heading");
  await page.goBack();
  await expect(app.part("start")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await expect(page).toHaveTitle(/^Converge/);
  // The playground that was left writes nothing into the address of this page.
  await frames(page, 40);
  expect(new URL(page.url()).hash).toBe("");
  await page.goForward();
  await playground(page);
  await expect(app.part("preset-trip-booking")).toHaveAttribute("aria-pressed", "true");
  await app.part("brand").click();
  await expect(app.part("start")).toBeVisible();
});

test("every scenario of a pattern can be opened by keyboard, and Space plays it", async ({ page }) => {
  const app = await start(page);
  await app.part("offer-cqrs").getByText("scenarios").focus();
  await page.keyboard.press("Enter");
  await app.tabTo("open-burst-lag");
  await page.keyboard.press("Enter");
  await playground(page);
  await expect(app.part("play")).toHaveAccessibleName("Play");
  await page.keyboard.press("Space");
  await expect(app.part("play")).toHaveAccessibleName("Pause");
});

test("who comes by a link meets no start page", async ({ page }) => {
  await page.addInitScript(() => {
    window.met = [];
    new MutationObserver(() => {
      const root = document.querySelector("#converge")?.shadowRoot;
      for (const id of ["start", "matrix"]) if (root?.querySelector(`[data-testid=${id}]`)) window.met.push(id);
    }).observe(document, { childList: true, subtree: true });
  });
  const app = await open(page, `#/event-based/${FIRST}?v=1&seed=7&t=5s`);
  await expect(app.part("seed")).toHaveValue("7");
  expect(await page.evaluate(() => window.met)).toEqual([]);
  await expect(app.part("start")).toHaveCount(0);
});

test("the colours that were chosen stay from page to page", async ({ page }) => {
  const app = await start(page);
  const theme = () => page.evaluate(() => document.querySelector("#converge").dataset.theme);
  await app.part("theme").click();
  await app.part("theme").click();
  expect(await theme()).toBe("dark");
  await app.part("to-playground").click();
  await playground(page);
  await expect(app.part("theme")).toHaveAccessibleName("Colours: dark");
  await page.reload();
  await playground(page);
  expect(await theme()).toBe("dark");
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in ${colorScheme} colours, and nothing sticks out`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const app = await start(page);
    await app.part("offer-saga").getByText("scenarios").click();
    expect(await complaints(page)).toEqual([]);
    for (const [width, height] of [[360, 740], [768, 1024], [3840, 2160]]) {
      await page.setViewportSize({ width, height });
      await fitsAcross(page);
    }
  });
}
