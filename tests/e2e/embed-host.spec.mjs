// The element among what hosts do: policies, sandboxes, themes, keys of their own, print.
import { execFileSync } from "node:child_process";
import { complaints } from "./app.mjs";
import { add, drawn, expect, fake, put, TABLE, TAG, test, visit } from "./embed.mjs";

const time = (figure) => figure.evaluate((element) => element.currentTime);

test("under a strict content policy it runs, without a word in the console", async ({ page }) => {
  await visit(page, "strict.html");
  const figure = await drawn(page.locator("converge-playground"));
  await figure.getByTestId("play").click();
  await expect.poll(() => time(figure)).toBeGreaterThan(2.05);
  await figure.evaluate((element) => element.exportAs("svg"));
  expect(await figure.evaluate((element) => element.getBoundingClientRect().height)).toBe(520);
});

test("in a sandboxed frame of no origin it runs and stores nothing", async ({ page }) => {
  await visit(page, "sandbox.html");
  const frame = page.frameLocator("iframe");
  const figure = await drawn(frame.locator("converge-playground"));
  expect(await figure.evaluate(() => globalThis.origin)).toBe("null");
  await frame.getByTestId("play").click();
  await expect.poll(() => time(figure)).toBeGreaterThan(2.05);
});

test("it fills a frame that is higher than it must be, while nobody asks how high that is", async ({ page }) => {
  await visit(page, "sandbox.html");
  const frame = page.locator("iframe");
  const figure = await drawn(page.frameLocator("iframe").locator("converge-playground"));
  const height = () => figure.evaluate((element) => element.getBoundingClientRect().height);
  await frame.evaluate((element) => { element.style.cssText = "height:1000px;border:0"; });
  await expect.poll(height).toBe(1000);
  await frame.evaluate((element) => { element.style.height = "300px"; });
  await expect.poll(height).toBeLessThan(1000);
  expect(await height(), "what it needs").toBeGreaterThan(400);
});

test.describe("where the modules are refused", () => {
  // The browser complains about what the test withholds.
  test.use({ expectedErrors: [[/Failed to load resource/], { option: true }] });

  test("in a frame whose host allows nobody it says what is missing", async ({ page }) => {
    // The server of the tests allows everybody; a module that is refused fails in the same way.
    await page.route("**/converge-playground.js", (route) => route.abort("accessdenied"));
    await visit(page, "sandbox.html");
    await expect(page.frameLocator("iframe").getByRole("status")).toContainText("Access-Control-Allow-Origin: *");
  });
});

test.describe("spoken to from around its frame", () => {
  /** Messages of the frame, and a way to speak to it. */
  async function host(page) {
    await visit(page);
    await page.evaluate(() => {
      globalThis.said = [];
      addEventListener("message", ({ data }) => globalThis.said.push(data));
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.src = "../../converge/embed.html?pattern=event-based&preset=order-invoice";
      document.querySelector("main").append(frame);
      globalThis.speak = (message) => frame.contentWindow.postMessage({ target: "converge-playground", version: 1, ...message }, "*");
    });
    await expect.poll(() => said(page, "init")).toHaveLength(1);
    return (await said(page, "init"))[0].id;
  }

  const said = (page, event) => page.evaluate((event) => globalThis.said.filter((data) => data.event === event), event);
  const speak = (page, message) => page.evaluate((message) => globalThis.speak(message), message);

  test("a handshake opens it, requests are answered, events are told", async ({ page }) => {
    const id = await host(page);
    await expect.poll(() => said(page, "height")).not.toHaveLength(0);
    await speak(page, { id, action: "hello" });
    await expect.poll(() => said(page, "ready")).toHaveLength(1);
    await speak(page, { id, action: "seek", args: [3], reqId: 1 });
    await speak(page, { id, action: "getState", args: [], reqId: 2 });
    await speak(page, { id, action: "exportAs", args: ["svg"], reqId: 3 });
    await speak(page, { id, action: "explode", args: [], reqId: 4 });
    await expect.poll(() => said(page, "answer")).toHaveLength(4);
    // What is still on its way when an option takes the figure down is lost with it.
    await speak(page, { id, action: "set", args: ["theme", "pink"], reqId: 5 });
    await expect.poll(() => said(page, "answer")).toHaveLength(5);
    const answers = Object.fromEntries((await said(page, "answer")).map((answer) => [answer.reqId, answer]));
    expect(answers[1].seen).toMatchObject({ time: 3, paused: true });
    expect(answers[2].value).toContain("t=3s");
    expect(answers[3].value).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(answers[4].error.message).toContain("explode");
    await expect.poll(() => said(page, "error")).toHaveLength(1);
    const events = (await said(page, "event")).map(({ name }) => name);
    expect(events).toContain("seeked");
    // All of it is plain text, in two forms: ours, and the height as Embedly says it.
    const embedly = await page.evaluate(() => globalThis.said.filter((data) => typeof data === "string").map((text) => JSON.parse(text)));
    expect(embedly[0]).toMatchObject({ context: "iframe.resize", height: expect.any(Number) });
  });

  test("strangers, other versions and whoever skips the handshake are ignored", async ({ page }) => {
    const id = await host(page);
    for (const message of [
      { id, action: "seek", args: [3], reqId: 1 },
      { id: "another", action: "hello" },
      { id, version: 2, action: "hello" },
      { id, target: "something", action: "hello" },
    ]) await speak(page, message);
    await speak(page, { action: "hello" });
    await expect.poll(() => said(page, "init")).toHaveLength(2);
    expect(await said(page, "answer")).toEqual([]);
    expect(await said(page, "ready")).toEqual([]);
    // A sibling frame is no parent.
    await speak(page, { id, action: "hello" });
    await expect.poll(() => said(page, "ready")).toHaveLength(1);
    await page.evaluate((id) => {
      const sibling = document.createElement("iframe");
      document.querySelector("main").append(sibling);
      const { contentWindow } = document.querySelector("iframe");
      sibling.contentWindow.target = contentWindow;
      const script = sibling.contentDocument.createElement("script");
      script.textContent = `target.postMessage({target:"converge-playground",version:1,id:"${id}",action:"seek",args:[3],reqId:9},"*")`;
      sibling.contentDocument.body.append(script);
    }, id);
    await speak(page, { id, action: "getState", reqId: 10 });
    await expect.poll(() => said(page, "answer")).toHaveLength(1);
    expect((await said(page, "answer"))[0]).toMatchObject({ reqId: 10, value: expect.not.stringContaining("t=3s") });
  });

  test("more than it can answer in a second is refused", async ({ page }) => {
    const id = await host(page);
    await speak(page, { id, action: "hello" });
    await expect.poll(() => said(page, "ready")).toHaveLength(1);
    await page.evaluate((id) => { for (let reqId = 0; reqId < 150; reqId += 1) globalThis.speak({ id, action: "getState", reqId }); }, id);
    await expect.poll(() => said(page, "answer")).toHaveLength(150);
    expect((await said(page, "answer")).filter(({ error }) => error)).not.toHaveLength(0);
  });
});

test("a key of the address that is no option is told", async ({ page }) => {
  await page.goto("embed.html?pattern=saga&colour=red");
  await expect(page.getByRole("status")).toContainText("no option colour");
});

test("the frame form has the interface of the element", async ({ page }) => {
  const figure = await put(page, TAG.replace(" preset", " frame theme='dark' preset"));
  await figure.evaluate((element) => element.ready);
  await figure.evaluate((element) => {
    element.heard = [];
    for (const name of ["play", "pause", "seeked"]) element.addEventListener(name, () => element.heard.push(name));
  });
  await figure.evaluate((element) => element.seek(3));
  expect(await time(figure)).toBe(3);
  await figure.evaluate((element) => element.play());
  await expect.poll(() => time(figure)).toBeGreaterThan(3);
  await figure.evaluate((element) => element.pause());
  expect(await figure.evaluate((element) => element.heard)).toEqual(["seeked", "play", "pause"]);
  expect(await figure.evaluate(async (element) => (await element.exportAs("png")).type)).toBe("image/png");
  const inner = page.frameLocator("iframe").locator(".figure");
  await expect(inner).toHaveAttribute("data-theme", "dark");
  await figure.evaluate((element) => { element.theme = "light"; });
  await expect(inner).toHaveAttribute("data-theme", "light");
  const state = await figure.evaluate((element) => element.getState());
  expect(state).toMatch(/^event-based\/order-invoice/);
});

/** How pages say that they are dark. */
const SIGNALS = {
  "mdBook's class": () => document.documentElement.classList.replace("light", "navy") || document.documentElement.classList.add("navy"),
  "data-theme": () => document.documentElement.setAttribute("data-theme", "dark"),
  "rustdoc's ayu": () => document.documentElement.setAttribute("data-theme", "ayu"),
  "MkDocs' scheme": () => document.body.setAttribute("data-md-color-scheme", "slate"),
  "its ground": () => document.body.style.setProperty("background-color", "rgb(20, 24, 30)"),
};

test("it follows the theme of the page, however that is said", async ({ page }) => {
  await fake(page);
  const figure = await put(page);
  await drawn(figure);
  const theme = figure.locator(".figure");
  await expect(theme).toHaveAttribute("data-theme", "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(theme).toHaveAttribute("data-theme", "dark");
  await page.emulateMedia({ colorScheme: "light" });
  await expect(theme).toHaveAttribute("data-theme", "light");
  for (const [name, signal] of Object.entries(SIGNALS)) {
    await page.evaluate(signal);
    await expect(theme, name).toHaveAttribute("data-theme", "dark");
    await page.evaluate(() => {
      for (const root of [document.documentElement, document.body]) {
        for (const attribute of [...root.attributes]) if (attribute.name !== "lang") root.removeAttribute(attribute.name);
      }
    });
    await expect(theme, name).toHaveAttribute("data-theme", "light");
  }
  // A dark section of a light page is what is around its figure.
  await add(page, `<section data-theme="dark">${TAG}</section>`);
  await expect(page.locator("section converge-playground").locator(".figure")).toHaveAttribute("data-theme", "dark");
});

test("custom properties and parts of the page's style reach it, each of the table", async ({ page }) => {
  const style = "converge-playground{--converge-bg:rgb(1,2,3);--converge-radius:3px}converge-playground::part(toolbar){margin-top:17px}";
  const figure = await put(page, `<style>${style}</style>${TAG}`);
  await drawn(figure);
  await expect(figure.locator(".figure")).toHaveCSS("background-color", "rgb(1, 2, 3)");
  await expect(figure.locator(".figure")).toHaveCSS("border-radius", "3px");
  await expect(figure.getByRole("toolbar")).toHaveCSS("margin-top", "17px");
  const used = await figure.evaluate((element) => [...element.shadowRoot.adoptedStyleSheets].flatMap((sheet) => [...sheet.cssRules]).map(({ cssText }) => cssText).join(""));
  for (const { name } of TABLE.css) expect(used, name).toContain(`var(${name},`);
  for (const { name } of TABLE.parts) await expect(figure.locator(`[part=${name}]`).first(), name).toBeAttached();
});

test("keys act while the focus is inside, and only then", async ({ page }) => {
  const figure = await drawn(await put(page));
  // Of a figure that is made again the keys are those of the new one.
  await figure.evaluate((element) => element.setAttribute("start-at", "2s"));
  await expect.poll(() => time(figure)).toBe(2);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  expect(await time(figure)).toBe(2);
  expect(await figure.evaluate((element) => element.paused)).toBe(true);
  await figure.getByTestId("open").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => time(figure)).toBeGreaterThan(2);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Home");
  await expect.poll(() => time(figure)).toBe(0);
  await page.keyboard.press("]");
  await expect(figure.getByTestId("speed")).not.toHaveValue("1");
  await page.keyboard.press("Space");
  await expect.poll(() => figure.evaluate((element) => element.paused)).toBe(false);
  // On a button the space bar presses that button, once.
  await figure.getByTestId("play").focus();
  await page.keyboard.press("Space");
  await expect.poll(() => figure.evaluate((element) => element.paused)).toBe(true);
});

test("axe finds nothing in a figure and in its card", async ({ page }) => {
  await visit(page);
  await add(page, `<h1>Figures</h1>${TAG}`);
  const figure = await drawn(page.locator("converge-playground"));
  await figure.evaluate((element) => element.seek(5));
  expect(await complaints(page)).toEqual([]);
  await figure.evaluate((element) => element.setAttribute("theme", "pink"));
  await expect(figure.getByTestId("error-card")).toBeVisible();
  expect(await complaints(page)).toEqual([]);
});

test("on paper it is a picture with its measurements and its link", async ({ page }) => {
  const figure = await drawn(await put(page));
  await figure.evaluate((element) => element.seek(5));
  await page.emulateMedia({ media: "print" });
  await expect(figure.getByTestId("stage")).toBeVisible();
  await expect(figure.getByTestId("play")).toBeHidden();
  await expect(figure.locator(".printed")).toContainText(/seed \d+ · 5\.000 s · trace [0-9a-f ]+ · http.*#\/event-based/);
  await expect(figure.locator(".printed")).toBeVisible();
  const { width, height } = await figure.getByTestId("stage").boundingBox();
  expect(Math.min(width, height)).toBeGreaterThan(200);
});

test("where there is no document, importing it does nothing", () => {
  const module = new URL("../../dist/converge-playground.js", import.meta.url);
  const script = `import(${JSON.stringify(module.href)}).then(({ ConvergePlayground }) => console.log(typeof ConvergePlayground, ConvergePlayground.version))`;
  expect(execFileSync("node", ["--input-type=module", "-e", script], { encoding: "utf8" })).toMatch(/^function \d/);
});

test("loaded twice, it is one element", async ({ page }) => {
  await visit(page);
  await page.evaluate(() => import("../../converge/converge-playground.js?again"));
  await fake(page);
  await add(page, TAG);
  await drawn(page.locator("converge-playground"));
});
