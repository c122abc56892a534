// One and the same figure in pages that docs tools have built: `cargo xtask hosts` builds them.
import { readFileSync } from "node:fs";
import { drawn, expect, test, WASM } from "./embed.mjs";
import { forth, HOSTS, visit } from "./hosts.mjs";

const time = (figure) => figure.evaluate((element) => element.currentTime);
const state = (figure) => figure.evaluate((element) => element.getState());
const themed = (figure, theme) => expect(figure.locator(".figure")).toHaveAttribute("data-theme", theme);

/** A figure is brought into sight as a reader would, and is drawn there. */
async function seen(page, host, index) {
  // A page that navigates by itself may be about to put in another.
  await expect(() => host.box(page, index).scrollIntoViewIfNeeded({ timeout: 2000 })).toPass();
  return drawn(host.figure(page, index));
}

/** Waits for a page by its own heading. */
const at = (page, title) => expect(page.locator("main").getByRole("heading", { name: title }).first()).toBeAttached();

for (const [name, host] of Object.entries(HOSTS)) {
  test.describe(name, () => {
    test.use({ viewport: { width: 1280, height: 240 }, colorScheme: "light" });

    test("it loads when near, runs, follows the theme and outlives navigation; two do not mix", async ({ page }) => {
      const asked = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname.split("/").at(-1)));
      const late = () => asked.filter((name) => /^converge-(figure|[0-9a-f]{16})|^figure-|\.(wasm|lzma)$/.test(name));
      await visit(page, host);
      const [first, second] = [0, 1].map((index) => host.figure(page, index));

      await test.step("nothing is fetched before it is near", async () => {
        await expect(host.figure(page, 0)).toHaveJSProperty("localName", "converge-playground");
        await first.evaluate(() => customElements.whenDefined("converge-playground"));
        expect(late()).toEqual([]);
        await seen(page, host, 0);
        // One module each time: the app's serves both figures, and of the small ones the second's may be near too.
        const modules = late().filter((name) => WASM.test(name));
        expect(modules[0]).toMatch(/^(converge|figure-saga)-/);
        expect(modules.every((name) => /^(converge|figure-(saga|event-based))-/.test(name)), `${modules}`).toBe(true);
        expect(modules).toHaveLength(new Set(modules).size);
      });
      await page.setViewportSize({ width: 1280, height: 900 });

      await test.step("it runs", async () => {
        const begun = await time(first);
        expect(begun).toBeCloseTo(2.4, 2);
        await first.getByTestId("play").click();
        await expect.poll(() => time(first)).toBeGreaterThan(begun);
        await first.evaluate((element) => element.pause());
      });

      await test.step("two do not mix", async () => {
        const before = await state(first);
        await seen(page, host, 1);
        await second.evaluate((element) => element.seek(1));
        expect(await state(first)).toBe(before);
        expect(await state(second)).toMatch(/^event-based.*seed=12/);
      });

      await test.step("it follows the theme", async () => {
        await themed(second, "light");
        await host.theme(page, "dark");
        await themed(second, "dark");
        await host.theme(page, "light");
        await themed(second, "light");
      });

      await test.step("it outlives navigation, back and forth", async () => {
        await page.evaluate(() => { globalThis.mark = true; });
        for (const go of [forth, host.again]) {
          await go(page, host);
          await at(page, /second page/i);
          expect(await page.evaluate(() => Boolean(globalThis.mark))).toBe(host.navigates);
          await seen(page, host, 0);
          expect(await state(host.figure(page, 0))).toMatch(/^quorum/);
          await page.goBack();
          await at(page, /first page/i);
          await seen(page, host, 0);
          expect(await state(first)).toMatch(/^saga/);
        }
      });
    });

    test.describe("without scripts", () => {
      test.use({ javaScriptEnabled: false });

      test("there is something to read", async ({ page }) => {
        await visit(page, host);
        if (name !== "sandbox") await expect(page.getByText("pattern = event-based")).toBeVisible();
        await expect(await host.fallback(page)).toBeVisible();
      });
    });
  });
}

test("what the README tells to write is what the pages have", () => {
  const root = new URL("../../", import.meta.url);
  const readme = readFileSync(new URL("README.md", root), "utf8");
  const told = [...readme.matchAll(/<!-- in: (.*) -->\n(`{3,})\w+\n([^]*?)\n\2\n/g)];
  const files = told.flatMap(([, names, , text]) => names.split(" ").map((name) => [name, text]));
  for (const [name, text] of files) {
    expect(readFileSync(new URL(`tests/hosts/${name}`, root), "utf8"), name).toContain(text);
  }
  // A mark that does not parse would test nothing.
  expect(told).toHaveLength(readme.split("<!-- in: ").length - 1);
  for (const folder of ["plain", "mdbook", "mdbook-converge", "rustdoc", "mkdocs", "docusaurus", "starlight", "pages", "sandbox"]) {
    expect(files.some(([name]) => name.startsWith(`${folder}/`)), folder).toBe(true);
  }
});
