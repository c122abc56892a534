// Blocks of Markdown that become figures, in the forms in which tools for docs write them.
import { add, drawn, expect, fake, put, test, visit } from "./embed.mjs";

const LINES = ["pattern = event-based", "preset = order-invoice", "", "params = loss=5%", "readonly"];
const TEXT = LINES.join("\n");
const spans = (kind, end = "") => LINES.map((line) => `<span class="${kind}">${line}${end}</span>`).join("");

/** The output of each tool, less what is only for the eye. */
const FORMS = {
  "mdBook, Markdown in general": `<pre><code class="language-converge">${TEXT}\n</code></pre>`,
  "mdBook after highlight.js": `<pre><div class="buttons"><button>copy</button></div><code class="language-converge hljs">${TEXT}\n</code></pre>`,
  rustdoc: `<div class="example-wrap" style="display:flex"><pre class="language-converge"><code>${TEXT}</code></pre><div class="button-holder"><button>copy</button></div></div>`,
  "MkDocs, a custom fence": `<pre class="language-converge"><code>${TEXT}</code></pre>`,
  Docusaurus: `<div class="language-converge theme-code-block"><div><pre class="prism-code language-converge"><code>${spans("token-line", "<br>")}</code></pre></div></div>`,
  Starlight: `<div class="expressive-code"><figure><pre data-language="converge"><code>${LINES.map((line) => `<div class="ec-line"><div class="code">${line}</div></div>`).join("")}</code></pre></figure></div>`,
};
const OPTIONS = { pattern: "event-based", preset: "order-invoice", params: "loss=5%", readonly: true };

const options = (figure) => figure.evaluate(({ pattern, preset, params, readonly }) => ({ pattern, preset, params, readonly }));

for (const [name, html] of Object.entries(FORMS)) {
  test(`a block is a figure: ${name}`, async ({ page }) => {
    await fake(page);
    await put(page, `<p>Before.</p>${html}<p>After.</p>`);
    const figure = page.locator("converge-playground");
    await expect(figure).toHaveCount(1);
    expect(await options(figure)).toEqual(OPTIONS);
    await drawn(figure);
    await expect(page.getByText("pattern = event-based")).toBeHidden();
    // In the place of the block, and between the same neighbours.
    const [before, mid, after] = await Promise.all([page.getByText("Before."), figure, page.getByText("After.")].map((part) => part.boundingBox()));
    expect(before.y + before.height).toBeLessThanOrEqual(mid.y);
    expect(mid.y + mid.height).toBeLessThanOrEqual(after.y);
    expect(mid.width).toBe(before.width);
  });
}

test("the text stays to be read until the figure is drawn", async ({ page }) => {
  await page.route("**/converge-figure.js*", (route) => route.abort());
  await put(page, `<div style="height:4000px"></div>${FORMS.rustdoc}`);
  await expect(page.locator("converge-playground")).toHaveCount(1);
  await expect(page.getByText("pattern = event-based")).toBeVisible();
});

test("a key that is none is told on the card, and is told again", async ({ page }) => {
  await put(page, '<pre><code class="language-converge">pattern = saga\ncolour = red\n</code></pre>');
  const figure = page.locator("converge-playground");
  await expect(figure.getByTestId("error-option")).toHaveText("colour");
  await expect(figure.getByTestId("error-value")).toHaveText("red");
  await expect(figure.getByTestId("error-allowed")).toContainText("pattern, preset");
  await figure.getByTestId("error-restart").click();
  await expect(figure.getByTestId("error-option")).toHaveText("colour");
});

test("a page without a block loads nothing for them; one that comes later is a figure, once", async ({ page }) => {
  await fake(page);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await visit(page);
  await add(page, '<pre><code class="language-rust">let pattern = "saga";</code></pre>');
  await page.waitForFunction(() => customElements.get("converge-playground"));
  expect(asked.filter((url) => url.includes("fence"))).toEqual([]);
  await add(page, FORMS.rustdoc);
  await drawn(page.locator("converge-playground"));
  await add(page, `<section>${FORMS.Docusaurus}</section>`);
  await drawn(page.locator("section converge-playground"));
  await expect(page.locator("converge-playground")).toHaveCount(2);
  expect(asked.filter((url) => url.includes("fence"))).toHaveLength(1);
  // What is taken away is gone.
  await page.locator("main > section").evaluate((section) => section.remove());
  await expect.poll(() => page.evaluate(() => globalThis.fakes)).toBe(1);
});

test.describe("before the script runs", () => {
  // The browser complains about what the test withholds.
  test.use({ expectedErrors: [[/Failed to load resource/], { option: true }] });

  test("the style keeps the place of a figure, as high as it will be", async ({ page }) => {
    await page.route("**/converge-playground.js", (route) => route.abort());
    const html = ["", 'height="480px"', 'height="30rem"'].map((height) => `<converge-playground pattern="saga" ${height}><a href="x">Text</a></converge-playground>`);
    const link = '<link rel="stylesheet" href="../../converge/converge-playground.css">';
    const heights = () => page.locator("converge-playground").evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height));
    for (const width of [360, 800, 1400]) {
      await page.setViewportSize({ width, height: 800 });
      await put(page, link + html.join(""));
      await expect.poll(async () => (await heights())[1]).toBe(480);
      const before = await heights();
      await page.evaluate(() => import("../../converge/converge-playground.js?late"));
      await page.waitForFunction(() => customElements.get("converge-playground"));
      expect(await heights(), `${width} px wide`).toEqual(before);
    }
  });
});
