// Every preset as a visitor meets it on a phone: one sentence and one button, which lead to what goes
// wrong and to its cure, or say what to watch. The sentence covers no service.
import { expect, open, test } from "./app.mjs";

/** Presets in which no invariant breaks. One of them sells what is gone, and stops there all the same. */
const WATCHED = ["meter-billing-grid", "stock-notification", "stock-order-status", "post-feeds", "burst-lag",
  "order-invoice-together", "coordinator-dies", "participant-down",
  "trip-booking", "paid-not-issued", "orchestrator-crashes", "order-fulfilment", "event-cycle",
  "order-invoice-orchestrated", "all-at-once", "slow-dependency", "service-says-no", "service-down"];
const STOPS = "stock-order-status";

test.use({ viewport: { width: 360, height: 740 } });

for (const pattern of ["event-based", "background-sync", "cqrs", "quorum", "two-phase-commit", "saga", "request-reply"]) {
  test(`each preset of ${pattern} has one sentence and one button that lead on`, async ({ page }) => {
    test.setTimeout(300_000);
    await open(page);
    const catalog = await page.evaluate(() => window.converge.catalog());
    const { presets } = catalog.patterns.find(({ id }) => id === pattern);
    expect(presets.length).toBeGreaterThan(6);
    for (const preset of presets) {
      await page.goto("about:blank");
      const app = await open(page, `#/${pattern}/${preset.id}`);
      const watched = WATCHED.includes(preset.id);
      const guide = app.part("guide");
      await expect(guide.getByRole("button", { name: /^Play/ })).toHaveCount(1);
      await expect(guide).toContainText(watched ? preset.watch : /^(In \d|At this very instant)/);
      await apart(app, preset.id);
      const plays = watched && preset.id !== STOPS;
      if (!plays) await app.hurry();
      await app.part("guide-play").click();
      if (plays) {
        await expect(app.part("play")).toHaveAccessibleName("Pause");
        await expect(guide).toContainText(preset.watch);
      } else {
        await expect(app.part("guide-cure"), preset.id).toBeVisible({ timeout: 45_000 });
        await expect(app.part("guide-cure")).toContainText("and replay");
        if (!watched) await expect(app.part("violation")).toBeVisible();
      }
      await apart(app, preset.id);
    }
  });
}

/** The guide stands below the services, and above what plays them. */
async function apart(app, name) {
  const [stage, guide, play] = await Promise.all(
    ["stage", "guide", "play"].map((id) => app.part(id).boundingBox()),
  );
  expect(guide.y, `${name}: top of the guide`).toBeGreaterThanOrEqual(stage.y + stage.height - 1);
  expect(guide.y + guide.height, `${name}: foot of the guide`).toBeLessThanOrEqual(play.y);
}

test("the focus goes the way the eye does, whatever panel is shown", async ({ page }) => {
  const app = await open(page);
  for (const panel of ["checks", "story", "time", "setup"]) {
    await app.part(`tab-${panel}`).click();
    // Where each control stands on the page; what floats above it has no place in the order.
    const places = await page.evaluate(() => {
      const found = [];
      const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
          if (element.shadowRoot) walk(element.shadowRoot);
          const takesFocus = element.matches("button, select, input, a[href], summary, [tabindex='0']");
          if (!takesFocus || element.disabled || !element.checkVisibility()) continue;
          if (element.closest(".transport, .stage, .skip, .toasts")) continue;
          // The guide and the tabs stick where they would be out of sight.
          const box = element.closest(".panel, .tabs, .guide, .timeline, .header, .top") ?? element;
          found.push([box.className, Math.round(box.getBoundingClientRect().top + box.ownerDocument.scrollingElement.scrollTop)]);
        }
      };
      window.scrollTo(0, 0);
      walk(document);
      return found;
    });
    const tops = places.map(([, top]) => top);
    expect(tops, `${panel}: ${JSON.stringify(places)}`).toEqual([...tops].sort((a, b) => a - b));
    expect(tops.length).toBeGreaterThan(8);
  }
});
