// A panic stays in its figure, and a failure to load says so. The stand-in panics where a real
// figure never should.
import { add, drawn, expect, fake, put, TAG, test, visit } from "./embed.mjs";

const PANIC = "a planted panic (fake.js:1)";
const time = (figure) => figure.evaluate((element) => element.currentTime);

/** How a person, the page or the figure itself runs into the panic. */
const WAYS = {
  "by a call of the page": (figure) => figure.evaluate((element) => element.convergeCall("panic").catch(() => {})),
  "by a listener of the figure": (figure) => figure.locator("[part=diagram] button").evaluate((button) => {
    button.dataset.panics = "1";
    button.click();
  }),
};

for (const [way, panic] of Object.entries(WAYS)) {
  test(`a panic ${way} shows the card at once; the others go on; restart works`, async ({ page }) => {
    await fake(page);
    const figure = await drawn(await put(page, TAG.replace(" preset", ' height="300px" seed="12" preset')));
    await add(page, TAG.replace(" preset", ' id="other" height="300px" preset'));
    const other = await drawn(page.locator("#other"));
    await other.evaluate((element) => element.play());
    await figure.evaluate((element) => element.seek(4.5));
    await figure.evaluate((element) => {
      new MutationObserver(() => { element.cardAt ??= performance.now(); }).observe(element.shadowRoot, { subtree: true, childList: true });
      element.panicAt = performance.now();
    });
    await panic(figure);
    await expect(figure.getByTestId("error-cause")).toHaveText(PANIC);
    expect(await figure.evaluate((element) => element.cardAt - element.panicAt)).toBeLessThan(100);
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

  for (const [part, pattern] of [["the wasm", "**/*.wasm"], ["the style", "**/converge-figure.css"], ["the script", "**/converge-slot.js"]]) {
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
