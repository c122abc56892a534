// A panic stays in its figure, and a failure to load says so. The stand-in panics where a real
// figure never should.
import { add, drawn, expect, fake, put, TAG, test, visit, WASM } from "./embed.mjs";

const PANIC = "a planted panic (fake.js:1)";
const time = (figure) => figure.evaluate((element) => element.currentTime);

/** How a person, the page or the figure itself runs into the panic; and what the card says then. */
const WAYS = {
  "by a call of the page": async (element) => {
    await element.convergeCall("panic").catch(() => {});
    return element.shadowRoot.querySelector("[data-testid=error-cause]")?.textContent;
  },
  "by a listener of the figure": (element) => {
    const button = element.shadowRoot.querySelector("[part=diagram] button");
    button.dataset.panics = "1";
    button.click();
    return element.shadowRoot.querySelector("[data-testid=error-cause]")?.textContent;
  },
};

for (const [way, panic] of Object.entries(WAYS)) {
  test(`a panic ${way} shows the card at once; the others go on; restart works`, async ({ page }) => {
    await fake(page);
    const figure = await drawn(await put(page, TAG.replace(" preset", ' height="300px" seed="12" preset')));
    await add(page, TAG.replace(" preset", ' id="other" height="300px" preset'));
    const other = await drawn(page.locator("#other"));
    await other.evaluate((element) => element.play());
    await figure.evaluate((element) => element.seek(4.5));
    // At once: in the very task of the panic, before anything else can be asked of the figure.
    expect(await figure.evaluate(panic)).toBe(PANIC);
    await expect(figure.getByTestId("error-seed")).toHaveText("12");
    await expect(figure.getByTestId("error-link")).toContainText("#/fake/one?t=4.5&seed=12");
    const before = await time(other);
    await expect.poll(() => time(other)).toBeGreaterThan(before);
    // Nothing enters what is dead, and whoever asks is told.
    expect(await figure.evaluate((element) => element.play().catch(({ message }) => message))).toContain("a planted panic");
    await figure.getByTestId("error-restart").click();
    await drawn(figure);
    expect(await time(figure)).toBe(4.5);
    await figure.evaluate((element) => element.step());
    expect(await time(figure)).toBe(5);
  });
}

test("a figure that panics while it is made has its card, and the next is made elsewhere", async ({ page }) => {
  await fake(page);
  const figure = await put(page, TAG.replace("order-invoice", "panics"));
  await expect(figure.getByTestId("error-cause")).toHaveText(PANIC);
  await figure.evaluate((element) => element.setAttribute("preset", "order-invoice"));
  await drawn(figure);
});

test.describe("parts that do not arrive", () => {
  test.use({ expectedErrors: [[/./], { option: true }] });

  for (const [part, pattern] of [["the wasm", WASM], ["the style", "**/converge-figure.css"], ["the script", "**/converge-figure.js*"]]) {
    test(`without ${part} a card says so, and trying again helps`, async ({ page }) => {
      await visit(page);
      await page.route(pattern, (route) => route.fulfill({ status: 404, body: "not here" }));
      await add(page, TAG);
      const figure = page.locator("converge-playground");
      await expect(figure.getByTestId("error-cause")).toContainText(/\w+/);
      await page.unroute(pattern);
      await fake(page);
      await figure.getByTestId("error-restart").click();
      await drawn(figure);
    });
  }
});
