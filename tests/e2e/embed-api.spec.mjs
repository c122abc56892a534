// Every method, property and event of the table.
import { drawn, expect, fake, heard, listen, put, TABLE, TAG, test } from "./embed.mjs";

const START = '<converge-playground pattern="event-based" preset="order-invoice" start-at="2s"></converge-playground>';
const time = (figure) => figure.evaluate((element) => element.currentTime);
const paused = (figure) => figure.evaluate((element) => element.paused);
const ask = (figure, method, argument) => figure.evaluate((element, [method, argument]) => element[method](argument), [method, argument]);
const text = (figure, format) => figure.evaluate(async (element, format) => (await element.exportAs(format)).text(), format);

/** What each method does. */
const METHODS = {
  async play(figure) {
    await ask(figure, "play");
    expect(await paused(figure)).toBe(false);
    await expect.poll(() => time(figure)).toBeGreaterThan(2.05);
  },
  async pause(figure) {
    await ask(figure, "play");
    await ask(figure, "pause");
    const stands = await time(figure);
    await figure.evaluate(() => new Promise((done) => setTimeout(done, 150)));
    expect(await time(figure)).toBe(stands);
  },
  async step(figure) {
    await ask(figure, "step");
    const after = await time(figure);
    expect(after).toBeGreaterThan(2);
    await ask(figure, "step", 2);
    await ask(figure, "step", -2);
    expect(await time(figure)).toBe(after);
  },
  async seek(figure) {
    await ask(figure, "seek", 3.25);
    expect(await time(figure)).toBe(3.25);
    const refused = await figure.evaluate((element) => element.seek("soon").catch(({ name, option, allowed }) => ({ name, option, allowed })));
    expect(refused).toEqual({ name: "OptionError", option: "seek", allowed: expect.stringContaining("seconds") });
    expect(await time(figure)).toBe(3.25);
  },
  async reset(figure) {
    await ask(figure, "intervene", { do: "crash", node: "Orders" });
    await ask(figure, "reset");
    expect(await time(figure)).toBe(0);
    expect(await ask(figure, "getState")).not.toContain("crash");
  },
  async load(figure) {
    await ask(figure, "load", { preset: "post-feeds", seed: 21 });
    expect(await ask(figure, "getState")).toMatch(/post-feeds.*seed=21/);
    // Another pattern may live in another module.
    await ask(figure, "load", { pattern: "saga", preset: "trip-booking", seed: 5 });
    expect(await ask(figure, "getState")).toMatch(/^saga\/trip-booking.*seed=5/);
    await expect(figure.getByTestId("stage")).toContainText("Trips");
  },
  async getState(figure) {
    expect(await ask(figure, "getState")).toMatch(/^event-based\/order-invoice\?.*t=2s/);
  },
  async setState(figure) {
    const state = await ask(figure, "getState");
    await ask(figure, "seek", 4);
    await ask(figure, "setState", state);
    expect(await time(figure)).toBe(2);
    expect(await ask(figure, "getState")).toBe(state);
  },
  async shareUrl(figure, page) {
    const url = await ask(figure, "shareUrl");
    const state = await ask(figure, "getState");
    expect(url).toBe(`${new URL("/docs/converge/", page.url())}#/${state}`);
    await page.goto(url);
    await expect(page.getByTestId("time")).toContainText("2.000");
  },
  async intervene(figure) {
    await ask(figure, "intervene", { do: "crash", node: "Orders" });
    expect(await ask(figure, "getState")).toContain("crash");
    await expect(figure.getByRole("log")).toContainText("You crash Orders");
    const refused = await figure.evaluate((element) => element.intervene({ do: "dance" }).catch(({ allowed }) => allowed));
    expect(refused).toContain("crash");
  },
  async snapshot(figure) {
    const { services, messages } = await ask(figure, "snapshot");
    expect(services.map(({ name }) => name)).toContain("Orders");
    expect(messages).toBeInstanceOf(Array);
  },
  async metrics(figure) {
    const { metrics, invariants } = await ask(figure, "metrics");
    expect(invariants.map(({ id }) => id)).toContain("Q1");
    expect(metrics.acknowledgement_latency.n).toBeGreaterThan(0);
  },
  async exportAs(figure) {
    const svg = await text(figure, "svg");
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain("Orders");
    expect(svg).not.toMatch(/class=|var\(|light-dark/);
    const facts = JSON.parse(svg.match(/<metadata>(.*?)<\/metadata>/)[1].replaceAll("&amp;", "&"));
    expect(facts).toMatchObject({ time: 2, seed: expect.any(String), state: await ask(figure, "getState") });
    expect((await text(figure, "png")).slice(1, 4)).toBe("PNG");
    expect(JSON.parse(await text(figure, "json"))).toMatchObject({ state: facts.state, place: { time: 2 } });
    const lines = (await text(figure, "mermaid")).split("\n");
    expect(lines[0]).toBe("sequenceDiagram");
    expect(lines.filter((line) => /->>|-->>|-x|-\)/.test(line)).length).toBeGreaterThan(0);
    expect(await figure.evaluate((element) => element.exportAs("gif").catch(({ allowed }) => allowed))).toBe("svg, png, json, mermaid");
  },
  async dismissPoster(figure, page) {
    const covered = await put(page, TAG.replace(">", ' reveal="manual">'));
    expect(await covered.evaluate((element) => element.loaded)).toBe(false);
    await ask(covered, "dismissPoster");
    expect(await covered.evaluate((element) => element.loaded)).toBe(true);
  },
};

for (const { name } of TABLE.methods) {
  test(`method ${name} does what the table says`, async ({ page }) => {
    expect(METHODS[name], `a test of the method ${name}`).toBeDefined();
    await METHODS[name](await drawn(await put(page, START)), page);
  });
}

/** What each property tells. */
const PROPERTIES = {
  ready: (figure) => figure.evaluate((element) => element.ready),
  loaded: async (figure) => expect(await figure.evaluate((element) => element.loaded)).toBe(true),
  paused: async (figure) => expect(await paused(figure)).toBe(true),
  async ended(figure) {
    expect(await figure.evaluate((element) => element.ended)).toBe(false);
    await toTheEnd(figure);
    expect(await figure.evaluate((element) => element.ended)).toBe(true);
  },
  async currentTime(figure) {
    await figure.evaluate((element) => { element.currentTime = 1.5; });
    await expect.poll(() => time(figure)).toBe(1.5);
  },
  async duration(figure) {
    await toTheEnd(figure);
    const duration = await figure.evaluate((element) => element.duration);
    expect(duration).toBeGreaterThan(10);
    expect(await time(figure)).toBe(duration);
  },
};

/** Goes to where the run ends, which is known once it is computed. */
async function toTheEnd(figure) {
  await expect.poll(() => figure.evaluate((element) => Number.isFinite(element.duration)), { timeout: 20_000 }).toBe(true);
  await figure.evaluate((element) => element.seek(element.duration));
}

for (const { name, writable } of TABLE.properties) {
  test(`property ${name} tells what the table says`, async ({ page }) => {
    expect(PROPERTIES[name], `a test of the property ${name}`).toBeDefined();
    const figure = await drawn(await put(page, START));
    await PROPERTIES[name](figure);
    if (!writable) {
      const refused = await figure.evaluate((element, name) => {
        "use strict";
        try {
          element[name] = 1;
          return false;
        } catch {
          return true;
        }
      }, name);
      expect(refused, `${name} cannot be set`).toBe(true);
    }
  });
}

/** What makes each event happen, and what it says. */
const EVENTS = {
  load: [async () => {}, null],
  error: [(figure) => figure.evaluate((element) => element.setAttribute("theme", "pink")), { type: "option", option: "theme", value: "pink", allowed: "auto, light or dark" }],
  play: [(figure) => figure.getByTestId("play").click(), null],
  pause: [async (figure) => {
    await figure.getByTestId("play").click();
    await figure.getByTestId("play").click();
  }, null],
  ended: [(figure) => ask(figure, "seek", 9.9).then(() => ask(figure, "play")), null],
  seeked: [(figure) => ask(figure, "seek", 1), null],
  timeupdate: [(figure) => ask(figure, "seek", 1), { time: 1 }],
  ratechange: [(figure) => figure.getByTestId("speed").selectOption("2"), null],
  "converge-change": [(figure) => ask(figure, "intervene", { do: "crash", node: "A" }), { param: "interventions", value: { do: "crash", node: "A" }, by: "api" }],
  "converge-violation": [(figure) => ask(figure, "intervene", {}), { invariant: "whole", label: "Whole" }],
  "converge-share": [(figure) => ask(figure, "shareUrl"), { url: expect.stringContaining("#/fake/one?t=0&seed=7") }],
};

for (const { name } of TABLE.events) {
  test(`event ${name} happens as the table says`, async ({ page }) => {
    expect(EVENTS[name], `a test of the event ${name}`).toBeDefined();
    const [cause, detail] = EVENTS[name];
    await fake(page);
    const figure = await put(page, "");
    // Hidden until somebody listens: what is drawn at once has said so before.
    await page.locator("main").evaluate((main) => main.append(Object.assign(document.createElement("converge-playground"), { pattern: "event-based", hidden: true })));
    await listen(figure, [name]);
    await figure.evaluate((element) => { element.hidden = false; });
    await drawn(figure);
    await cause(figure);
    await expect.poll(() => heard(figure)).toHaveLength(1);
    const [[, told]] = await heard(figure);
    if (detail === null) expect(told).toBeNull();
    else expect(told).toMatchObject(detail);
  });
}

test("timeupdate comes at most four times a second, and once more at the end", async ({ page }) => {
  await fake(page);
  const figure = await drawn(await put(page));
  await listen(figure, ["timeupdate"]);
  await ask(figure, "play");
  await expect.poll(() => time(figure)).toBeGreaterThan(1.9);
  await ask(figure, "pause");
  const stands = await time(figure);
  await expect.poll(async () => (await heard(figure)).at(-1)[1].time).toBe(stands);
  const count = (await heard(figure)).length;
  expect(count).toBeGreaterThan(3);
  expect(count).toBeLessThanOrEqual(4 * stands + 3);
});

test("a real violation is told, and its cure is offered", async ({ page }) => {
  const figure = await drawn(await put(page, '<converge-playground pattern="event-based" preset="order-invoice" playback-rate="10"></converge-playground>'));
  await listen(figure, ["converge-violation", "converge-change"]);
  await figure.getByTestId("play").click();
  await expect(figure.getByTestId("violation")).toBeVisible({ timeout: 30_000 });
  const [[name, { label, time: at }]] = await heard(figure);
  expect([name, typeof label, typeof at]).toEqual(["converge-violation", "string", "number"]);
  await figure.getByTestId("violation").getByRole("button").click();
  await expect.poll(async () => (await heard(figure)).at(-1)).toMatchObject(["converge-change", { by: "user" }]);
});
