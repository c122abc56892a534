// What cannot start says so, instead of turning a wheel for ever.
import { expect, open, test } from "./app.mjs";

const ANY = /./;

test.describe("a part that does not load", () => {
  // The browser complains about what the test withholds.
  test.use({ expectedErrors: [[ANY], { option: true }] });

  for (const [title, pattern, answer] of [
    ["the wasm is refused", "**/*.wasm", (route) => route.abort()],
    ["the wasm is missing", "**/*.wasm", (route) => route.fulfill({ status: 404, body: "not here" })],
    ["the wasm is cut short", "**/*.wasm", cutShort],
    ["the script is refused", /\/converge[^/]*\.js$/, (route) => route.abort()],
    ["the script is broken", /\/converge[^/]*\.js$/, (route) =>
      route.fulfill({ contentType: "text/javascript", body: "this is no script" })],
  ]) {
    test(`${title}: a card says so and offers to try again`, async ({ page }) => {
      await page.route(pattern, answer);
      await page.goto("");
      const card = page.getByTestId("error-card");
      await expect(card).toBeVisible({ timeout: 15_000 });
      await expect(card).toContainText(/\w+ \w+/);
      await page.unroute(pattern);
      await card.getByRole("button").or(card.getByRole("link")).first().click();
      await expect(page.getByTestId("start")).toBeVisible();
      await expect(card).toBeHidden();
    });
  }

  test("a fault while running ends in a card with the link, and a restart", async ({ page }) => {
    const app = await open(page, "#/event-based/order-invoice?v=1&seed=12&t=5s");
    const state = await app.state();
    await page.evaluate(() =>
      window.dispatchEvent(new CustomEvent("converge-error", { detail: "planted by the test" })),
    );
    const card = app.part("error-card");
    await expect(card).toBeVisible();
    await expect(card).toContainText("planted by the test");
    await card.getByRole("button").first().click();
    await expect(app.part("play")).toBeVisible();
    await expect.poll(() => app.state()).toBe(state);
  });

  // CONVERGE_HOOKS=1 and a page from `trunk build --release --features test-hooks`: what ships
  // cannot be made to panic.
  test("a real panic ends in a card with cause, seed, link and a restart", async ({ page }) => {
    test.skip(!process.env.CONVERGE_HOOKS, "needs a page built with test-hooks");
    const app = await open(page, "#/event-based/order-invoice?v=1&seed=12&t=5s");
    const state = await app.state();
    await page.evaluate(() => window.converge.panic()).catch(() => {});
    await expect(app.part("error-cause")).toContainText("a panic asked for by a test (src/embed.rs:");
    await expect(app.part("error-seed")).toHaveText("12");
    const link = await app.part("error-link").textContent();
    expect(link).toContain("#/event-based/order-invoice?");
    // The dead instance is left alone: its API says so, and no key enters it.
    const refused = await page.evaluate(() => {
      try {
        return window.converge.simulate({ preset: "order-invoice" }).hash;
      } catch (error) {
        return error.message;
      }
    });
    expect(refused).toMatch(/stopped/);
    await page.keyboard.press("Space");
    await expect(app.part("error-card")).toBeVisible();
    await app.part("error-restart").click();
    await expect.poll(() => app.state()).toBe(state);
    // The link on the card brings the same back elsewhere.
    await page.goto("about:blank");
    const again = await open(page, link);
    await expect.poll(() => again.state()).toBe(state);
  });
});

async function cutShort(route) {
  const response = await route.fetch();
  const body = await response.body();
  await route.fulfill({ response, body: body.subarray(0, body.length / 2), headers: { "content-type": "application/wasm" } });
}

test("storage that throws changes nothing", async ({ page }) => {
  await page.addInitScript(() => {
    const refuse = { get: () => { throw new DOMException("denied", "SecurityError"); } };
    Object.defineProperty(window, "localStorage", refuse);
    Object.defineProperty(window, "sessionStorage", refuse);
  });
  const app = await open(page);
  await app.part("preset-lost-events").click();
  await expect(page).toHaveURL(/lost-events/);
});
