// The matrix: every protection off and on, run in the page, beside what is predicted.
import { complaints, expect, fitsAcross, playground, start, test } from "./app.mjs";

/** Opens the matrix from the start page. */
async function matrix(page) {
  const app = await start(page);
  await app.part("problem-matrix").click();
  await expect(app.part("matrix")).toBeVisible();
  return app;
}

/** Runs a row with so many seeds, to its end. */
async function run(app, row, seeds) {
  await app.part("seeds").selectOption(String(seeds));
  await app.part(`run-${row}`).click();
  await expect(app.part(`run-${row}`)).toHaveText(/^Run more/, { timeout: 45_000 });
}

const share = (text) => Number(text.match(/([\d.]+) %/)[1]);

test("a row runs off and on as predicted, and leads to the violation and back", async ({ page }) => {
  const app = await matrix(page);
  await expect(page).toHaveTitle(/off and on/);
  await expect(app.part("off-outbox")).toHaveText("not run yet");
  await expect(app.part("see-outbox")).toHaveCount(0);
  await run(app, "outbox", 1000);
  const [predicted, off, on] = await Promise.all(
    ["predicted", "off", "on"].map((part) => app.part(`${part}-outbox`).innerText()),
  );
  expect(predicted).toContain("F23");
  // 200,000 orders: a standard error is a fiftieth of a point.
  expect(Math.abs(share(off) - share(predicted))).toBeLessThan(0.08);
  expect(off).toMatch(/of 200,000 orders, z −?\d/);
  expect(off).toMatch(/Q1, Q3 broke in \d+ of 1,000 runs/);
  expect(on).toMatch(/^✓\s+as predicted:\s+0\s+violations in 1,000 runs/);
  expect(on).toMatch(/[1-9]\d* crashes between commit and publish/);
  for (const part of ["off", "on"]) {
    await expect(app.part(`${part}-outbox`)).toHaveAttribute("data-tone", "good");
  }
  await expect(app.part("summary")).toContainText("1 of");

  await app.part("see-outbox").click();
  await playground(page);
  await expect(app.part("violation")).toBeVisible();
  await expect(app.part("invariant-Q1")).toHaveAttribute("data-state", "broken");
  await expect(app.part("protection-outbox")).not.toBeChecked();
  await expect(app.part("guide-cure")).toBeVisible();
  const broken = await app.state();
  await page.reload();
  await playground(page);
  expect(await app.state()).toBe(broken);
  await page.goBack();
  await expect(page).toHaveURL(/#\/matrix\/outbox$/);
  await expect(app.part("row-outbox")).toBeInViewport();
});

test("what was measured is still there after a look at the playground", async ({ page }) => {
  const app = await matrix(page);
  await run(app, "semantic-lock-dirty-read", 100);
  const measured = () => app.part("on-semantic-lock-dirty-read").innerText();
  const before = await measured();
  expect(before, "the price is measured too").toMatch(/paid by 1\d\.\d %, z/);
  await app.part("see-semantic-lock-dirty-read").click();
  await playground(page);
  await page.goBack();
  await expect.poll(measured).toBe(before);
});

test("rows run one after the other, and stop when somebody says so", async ({ page }) => {
  const app = await matrix(page);
  await app.part("seeds").selectOption("100000");
  await app.part("run-all").click();
  await expect(app.part("run-outbox")).toHaveText(/^Stop/);
  await expect(app.part("row-inbox")).toContainText("waits");
  await expect(app.part("off-outbox")).toContainText("broke in", { timeout: 15_000 });
  // Whoever is waiting need not wait.
  await app.part("run-inbox").click();
  await expect(app.part("run-inbox")).toHaveText(/^Run/);
  await app.part("run-outbox").click();
  await expect(app.part("run-outbox")).toHaveText(/^Run more/);
  await expect(app.part("run-version-guard")).toHaveText(/^Stop/);
  await app.part("stop-all").click();
  await expect(app.part("run-all")).toBeVisible();
  await expect(app.part("run-version-guard")).toHaveText(/^Run/);
  const kept = await app.part("off-outbox").innerText();
  const runs = Number(kept.match(/of ([\d,]+) runs/)[1].replaceAll(",", ""));
  expect(runs).toBeGreaterThan(0);
  expect(runs).toBeLessThan(100_000);
  // More of the same goes on where it ended.
  await run(app, "outbox", 100);
  await expect(app.part("off-outbox")).toContainText(`of ${(runs + 100).toLocaleString("en")} runs`);
});

for (const [colorScheme, width] of [["light", 1440], ["dark", 360]]) {
  test(`axe finds nothing in ${colorScheme} colours at ${width} px, and nothing sticks out`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const app = await matrix(page);
    expect(await app.focused()).toBe("heading");
    await run(app, "run-lock", 100);
    expect(await complaints(page)).toEqual([]);
    await fitsAcross(page);
    await expect(page.getByRole("columnheader", { name: "Predicted" })).toHaveCount(1);
    await page.setViewportSize({ width: 768, height: 1024 });
    await fitsAcross(page);
  });
}
