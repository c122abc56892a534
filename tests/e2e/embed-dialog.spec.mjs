// The dialog for embedding: what it writes runs elsewhere as it does here.
import { readFile } from "node:fs/promises";
import { complaints, fitsAcross, open } from "./app.mjs";
import { drawn, expect, test } from "./embed.mjs";

const SAGA = "#/saga/trip-booking?v=1&seed=5&t=2.4s";
/** A state that no readable options say. */
const WHOLE = "#/event-based/order-invoice?v=1&seed=3&delivery_loss=0.02&do=2s:crash.orders;3s:write&t=4.5s&sel=orders";

/** Opens the dialog at a link. */
async function dialog(page, link = SAGA) {
  const app = await open(page, link);
  await app.part("embed-open").click();
  await expect(app.part("embed")).toBeVisible();
  return app;
}

const text = (app) => app.part("embed-text").inputValue();

/** The text of a form. */
async function written(app, form) {
  await app.part(`embed-${form}`).click();
  await expect(app.part(`embed-${form}`)).toHaveAttribute("aria-selected", "true");
  return text(app);
}

/** A page of another host with this in it, as a writer would put it there. */
async function host(page, body) {
  await page.route("**/host.html", (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html><html lang="en"><title>Host</title><main>${body}</main></html>` }));
  await page.goto("../embed/plain/host.html");
}

/** What makes two states the same: everything but the version of the engine. */
const kept = (link) => decodeURIComponent(link).replace(/^.*#\/?/, "").split(/[?&]/).filter((pair) => !pair.startsWith("engine=")).sort();

for (const [name, link] of [["preset, seed and instant", SAGA], ["a whole state", WHOLE]]) {
  test(`a tag made of ${name} shows the same in another page`, async ({ page }) => {
    const app = await dialog(page, link);
    const tag = await written(app, "tag");
    expect(tag.includes("state=")).toBe(link === WHOLE);
    await page.keyboard.press("Escape");
    const here = await app.share();
    await host(page, tag);
    const figure = await drawn(page.locator("converge-playground"));
    expect(kept(await figure.evaluate((element) => element.getState()))).toEqual(kept(here));
  });
}

test("the iframe runs in another page as it does in the preview, with what was chosen", async ({ page }) => {
  const app = await dialog(page);
  await written(app, "iframe");
  await app.part("embed-theme").selectOption("dark");
  await app.part("embed-share").uncheck();
  await app.part("embed-log").uncheck();
  await app.part("embed-height").fill("500");
  await app.part("embed-height").press("Enter");
  const preview = page.frameLocator("[data-testid=embed-frame]");
  const there = (frame) => frame.locator("converge-playground").evaluate(async (element) => {
    await element.ready;
    const { attributes, currentTime } = element;
    return { state: await element.getState(), currentTime, attributes: [...attributes].map(({ name, value }) => `${name}=${value}`).sort() };
  });
  await expect(preview.getByTestId("stage")).toBeVisible();
  const shown = await there(preview);
  expect(shown.attributes).toEqual(expect.arrayContaining(["controls=transport speed scrub", "height=500px", "theme=dark", "view=diagram timeline metrics"]));
  const iframe = await text(app);
  expect(iframe).toContain('height="500"');
  await host(page, iframe);
  expect(await there(page.frameLocator("iframe"))).toEqual(shown);
});

test("the height of an iframe is the one that the figure needs at the chosen width", async ({ page }) => {
  const app = await dialog(page);
  await written(app, "iframe");
  const heights = new Set();
  for (const width of [360, 1024]) {
    await app.part(`embed-width-${width}`).click();
    await expect(app.part("embed-caption")).toContainText(`${width} px`);
    const inside = page.frameLocator("[data-testid=embed-frame]").locator("body");
    await expect(inside).toHaveJSProperty("offsetWidth", width);
    await expect(inside.getByTestId("stage")).toBeVisible();
    const height = await inside.evaluate((body) => Math.ceil(body.getBoundingClientRect().height));
    await expect.poll(() => text(app)).toContain(`height="${height}"`);
    heights.add(height);
  }
  expect(heights.size).toBe(2);
});

test("a fence has a line for each option, names the script, and is a figure where that runs", async ({ page }) => {
  const app = await dialog(page);
  await app.part("embed-theme").selectOption("dark");
  const lines = "pattern = saga\npreset = trip-booking\nseed = 5\nstart-at = 2.4s\ntheme = dark";
  expect(await written(app, "fence")).toBe(`\`\`\`converge\n${lines}\n\`\`\``);
  const script = new URL("converge-playground.js", page.url()).href;
  const needed = `<script type="module" src="${script}"></script>`;
  await expect(app.part("embed-script")).toHaveText(needed);
  await host(page, `${needed}<pre><code class="language-converge">${lines}</code></pre>`);
  const figure = await drawn(page.locator("converge-playground"));
  expect(await figure.evaluate((element) => element.getState())).toMatch(/^saga\/trip-booking\?.*seed=5&t=2.4s/);
});

test("the picture is a file of this instant with the names of its cards", async ({ page }) => {
  const app = await dialog(page);
  const [, alt, file, link] = (await written(app, "image")).match(/^\[!\[(.*)\]\((.*)\)\]\((.*)\)$/);
  expect([alt, file]).toEqual(["Vacation booking, 2.4s into the run", "trip-booking-2.4s.svg"]);
  const names = await app.part("twin").locator("tbody th").allTextContents();
  expect(names).toContain("Trips");
  const [download] = await Promise.all([page.waitForEvent("download"), app.part("embed-file").click()]);
  expect(download.suggestedFilename()).toBe(file);
  const svg = await readFile(await download.path(), "utf8");
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  for (const name of names) expect(svg).toContain(`>${name}<`);
  await page.goto(link);
  await expect(app.part("time")).toHaveText("2.400 s");
});

test("copying answers, and says when there is no clipboard", async ({ page }) => {
  const app = await dialog(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await app.part("embed-copy").click();
  await expect(app.part("embed-answer")).toHaveText("Copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await text(app));
  await app.part("embed-fence").click();
  await expect(app.part("embed-answer")).toHaveText("");
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("closed"));
    document.execCommand = () => false;
  });
  await app.part("embed-copy").click();
  await expect(app.part("embed-answer")).toContainText("Not copied");
  const selected = await app.part("embed-text").evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd));
  expect(selected).toBe(await text(app));
});

/** The part that has the focus, and in a frame which of its elements. */
async function stop(app, inside) {
  const part = await app.focused();
  if (part !== "embed-frame") return [part];
  const within = await inside.locator("converge-playground").evaluate(({ shadowRoot }) => [...shadowRoot.querySelectorAll("*")].indexOf(shadowRoot.activeElement));
  return [part, within];
}

/** Presses Tab and waits for the next stop: a press is answered before the frame's process, which may
 * still be busy with its figure, has moved the focus. On its way into the frame the focus is nowhere;
 * on its way out that is a stop, where a browser with a window has its address bar. */
async function tab(app, inside) {
  const before = String(await stop(app, inside));
  const onTheWay = [before, "embed-frame,-1", ...(before.startsWith("embed-frame") ? [] : [""])];
  await app.page.keyboard.press("Tab");
  let now;
  await expect.poll(async () => onTheWay.includes(String(now = await stop(app, inside))), { message: `Tab leads on from ${before}`, timeout: 20_000 }).toBe(false);
  return now;
}

test("by keyboard alone: nothing behind it takes the focus, and the focus returns", async ({ page }) => {
  const app = await open(page, SAGA);
  await app.tabTo("embed-open");
  await page.keyboard.press("e");
  await app.tabTo("embed-tag");
  await page.keyboard.press("ArrowRight");
  expect(await app.focused()).toBe("embed-iframe");
  expect(await text(app)).toMatch(/^<iframe /);
  await page.keyboard.press("Home");
  expect(await text(app)).toMatch(/^<script /);
  expect(await complaints(page)).toEqual([]);
  // Few stops inside the figure.
  for (const id of ["embed-log", "embed-metrics"]) await app.part(id).uncheck();
  const inside = page.frameLocator("[data-testid=embed-frame]");
  await expect(inside.getByTestId("stage")).toBeVisible();
  await expect(inside.locator("[part=log]")).toBeHidden();
  await app.part("dialog-close").focus();
  const stops = ["dialog-close"];
  // Through all of it and out at its end. What comes then is the browser's own, and one without a
  // window has nothing: there it now and then keeps the focus.
  while (stops.length < 80 && !(stops.at(-2) === "embed-frame" && stops.at(-1) !== "embed-frame")) {
    stops.push((await tab(app, inside))[0]);
  }
  expect(stops).toEqual(expect.arrayContaining(["embed-tag", "embed-read-only", "embed-frame"]));
  expect(stops.at(-1), "Tab leads out of the figure").not.toBe("embed-frame");
  expect(stops.filter((id) => id && id !== "app" && !/^(embed-|dialog-)/.test(id))).toEqual([]);
  await app.part("embed-read-only").focus();
  await page.keyboard.press("Escape");
  await expect(app.part("embed")).toBeHidden();
  expect(await app.focused()).toBe("embed-open");
});

test("the run goes on behind it, and what is written stays", async ({ page }) => {
  const app = await open(page, SAGA);
  await app.part("play").click();
  const before = await app.time();
  await app.part("embed-open").click();
  const tag = await text(app);
  await expect(page.frameLocator("[data-testid=embed-frame]").getByTestId("stage")).toBeVisible();
  await expect.poll(() => app.time()).not.toBe(before);
  expect(await text(app)).toBe(tag);
  await page.keyboard.press("Escape");
  const later = await app.time();
  await expect.poll(() => app.time()).not.toBe(later);
});

test("it fits on a phone, and refuses a width that is none", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const app = await dialog(page);
  await fitsAcross(page);
  for (const form of ["tag", "iframe", "fence", "image"]) {
    await written(app, form);
    const [wide, room] = await page.locator(".dialog__body").evaluate((body) => [body.scrollWidth, body.clientWidth]);
    expect(wide, form).toBeLessThanOrEqual(room);
  }
  // The picture is there before anything is typed: when it comes, the dialog is drawn anew.
  await expect(app.part("embed-picture")).toBeAttached();
  await app.part("embed-width").fill("12");
  await app.part("embed-width").press("Enter");
  await expect(app.part("toast")).toContainText("240 to 2000");
  await expect(app.part("embed-width")).toHaveValue("600");
});
