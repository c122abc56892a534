// What the specs of the element share: pages of docs hosts with figures in them.
import { readFileSync } from "node:fs";
import { compress } from "lzma1";
import { expect, test } from "./app.mjs";

export { expect, test };

/** The one table of the element. */
export const TABLE = JSON.parse(readFileSync(new URL("../../static/embed/options.json", import.meta.url)));

/** A pattern and a preset of it that every build has. */
export const TAG = '<converge-playground pattern="event-based" preset="order-invoice"></converge-playground>';

const GLUE = /\/(converge-[0-9a-f]+|figure-[\w-]+)\.js/;
/** A module, and a pattern's own as it is packed. */
export const WASM = /(converge|figure)-[^/]*\.wasm(\.lzma)?$/;
const FAKE = readFileSync(new URL("../embed/fake/fake.js", import.meta.url), "utf8");
/** A module of nothing, as it is and packed: the stand-in brings its own exports. */
const EMPTY = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]);
const PACKED = Buffer.from(compress(EMPTY));

/** Puts the stand-in in the place of every figure. */
export async function fake(page) {
  await page.route(GLUE, (route) => route.fulfill({ contentType: "text/javascript", headers: { "access-control-allow-origin": "*" }, body: FAKE }));
  await page.route(WASM, (route) => {
    const body = route.request().url().endsWith(".lzma") ? PACKED : EMPTY;
    return route.fulfill({ contentType: "application/wasm", headers: { "access-control-allow-origin": "*" }, body });
  });
}

/** Opens a page of the plain host. */
export function visit(page, name = "blank.html") {
  return page.goto(`../embed/plain/${name}`);
}

/** Opens an empty page of the plain host and puts figures into it. */
export async function put(page, html = TAG) {
  await visit(page);
  await add(page, html);
  return page.locator("converge-playground").first();
}

/** Puts more into a page. */
export function add(page, html) {
  return page.locator("main").evaluate((main, html) => main.insertAdjacentHTML("beforeend", html), html);
}

/** Waits until a figure is drawn. */
export async function drawn(figure) {
  await expect(figure.getByTestId("stage")).toBeVisible({ timeout: 20_000 });
  await figure.evaluate((element) => element.ready);
  return figure;
}

/** Notes the events of a figure from now on, as `events(figure)` tells them. */
export async function listen(figure, names) {
  await figure.evaluate((element, names) => {
    element.heard = [];
    for (const name of names) {
      if (element.listened?.includes(name)) continue;
      // Heard at the page: they must come through the shadow root.
      document.addEventListener(name, (event) => { if (event.target === element) element.heard.push([name, event.detail]); });
      element.listened = [...(element.listened ?? []), name];
    }
  }, names);
}

/** What was heard so far: names and details. */
export function heard(figure) {
  return figure.evaluate((element) => element.heard);
}
