// Every option of the table: what it does as an attribute, and what is said of a bad value.
import { add, drawn, expect, heard, listen, put, TABLE, test } from "./embed.mjs";

/** A tag with an attribute more. */
const tag = (attributes, inner = "") =>
  `<converge-playground pattern="event-based" preset="order-invoice" ${attributes}>${inner}</converge-playground>`;
const open = async (page, attributes, inner) => drawn(await put(page, tag(attributes, inner)));
const state = (figure) => figure.evaluate((element) => element.getState());
const child = (scenario) => `<script type="application/json">${JSON.stringify(scenario)}</script>`;

/** What each option does. */
const DOES = {
  async pattern({ page }) {
    const figure = await drawn(await put(page, '<converge-playground pattern="saga"></converge-playground>'));
    expect(await state(figure)).toMatch(/^saga\//);
  },
  async preset({ page }) {
    const figure = await open(page, "");
    expect(await state(figure)).toMatch(/^event-based\/order-invoice/);
    await figure.evaluate((element) => element.setAttribute("preset", "lost-events"));
    await expect.poll(() => state(figure)).toMatch(/^event-based\/lost-events/);
  },
  async params({ page }) {
    const figure = await open(page, 'params="poison=0.2 rate=6.5"');
    const text = await state(figure);
    expect(text).toContain("poison=0.2");
    expect(text).toContain("rate=6.5");
    await figure.evaluate((element) => { element.params = { poison: 0.2, rate: 6.5 }; });
    await expect.poll(() => state(figure)).toBe(text);
  },
  async scenario({ page }) {
    const figure = await open(page, "", child({ pattern: "event-based", preset: "post-feeds", seed: 21 }));
    expect(await state(figure)).toMatch(/^event-based\/post-feeds.*seed=21/);
    await figure.evaluate((element) => { element.scenario = { preset: "lost-events", seed: 9 }; });
    await expect.poll(() => state(figure)).toMatch(/^event-based\/lost-events.*seed=9/);
  },
  async src({ page }) {
    expect(await state(await open(page, 'src="scenario.json"'))).toMatch(/^event-based\/post-feeds.*seed=21/);
  },
  async seed({ page }) {
    const figure = await open(page, 'seed="18446744073709551615"');
    expect(await state(figure)).toContain("seed=18446744073709551615");
    const seeds = new Set();
    for (let time = 0; time < 3; time += 1) {
      await figure.evaluate((element, time) => element.setAttribute("seed", time ? "random" : "4"), time % 2);
      await expect.poll(async () => /seed=4(&|$)/.test(await state(figure))).toBe(time % 2 === 0);
      seeds.add((await state(figure)).match(/seed=(\d+)/)[1]);
    }
    expect(seeds.size).toBe(2);
  },
  async state({ page }) {
    const text = "event-based/lost-events?v=1&seed=12&t=5s";
    for (const form of [text, `#/${text}`, `https://docs.test/play/#/${text}`]) {
      const figure = await open(page, `state="${form}" seed="3"`);
      expect(await figure.evaluate((element) => element.currentTime)).toBe(5);
      expect(await state(figure)).toContain("seed=12");
    }
  },
  async "start-at"({ page }) {
    const figure = await open(page, 'start-at="2.4s"');
    expect(await figure.evaluate((element) => element.currentTime)).toBe(2.4);
    expect(await figure.evaluate((element) => element.paused)).toBe(true);
  },
  async autoplay({ page }) {
    const figure = await open(page, "autoplay");
    await expect.poll(() => figure.evaluate((element) => element.paused)).toBe(false);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await add(page, tag('autoplay id="still"'));
    const still = await drawn(page.locator("#still"));
    await still.scrollIntoViewIfNeeded();
    await still.evaluate((element) => element.step());
    expect(await still.evaluate((element) => element.paused)).toBe(true);
  },
  async "playback-rate"({ page }) {
    const figure = await open(page, 'playback-rate="0.5"');
    await expect(figure.getByTestId("speed")).toHaveValue("0.5");
    await listen(figure, ["ratechange"]);
    await figure.evaluate((element) => { element.playbackRate = 2; });
    await expect(figure.getByTestId("speed")).toHaveValue("2");
    expect(await heard(figure)).toEqual([["ratechange", null]]);
  },
  async loading({ page }) {
    await put(page, `<div style="height:6000px"></div>${tag('id="lazy"')}${tag('id="eager" loading="eager"')}`);
    await page.locator("#eager").evaluate((element) => element.ready);
    expect(await page.locator("#lazy").evaluate((element) => element.loaded)).toBe(false);
    await page.locator("#lazy").scrollIntoViewIfNeeded();
    await drawn(page.locator("#lazy"));
  },
  async reveal({ page }) {
    const figure = await put(page, tag('reveal="interaction"'));
    await figure.getByRole("button", { name: "Start the figure" }).click();
    await drawn(figure);
    await add(page, tag('reveal="manual" id="manual"', "<p>Later</p>"));
    const manual = page.locator("#manual");
    await expect(manual.getByText("Later")).toBeVisible();
    await expect(manual.getByRole("button")).toHaveCount(0);
    await manual.evaluate((element) => element.dismissPoster());
    await drawn(manual);
    await expect(manual.getByText("Later")).toBeHidden();
  },
  async poster({ page }) {
    const figure = await put(page, tag('poster="poster.svg" reveal="manual"'));
    await expect(figure.locator("img")).toHaveAttribute("src", /\/docs\/embed\/plain\/poster\.svg$/);
    await figure.evaluate((element) => element.dismissPoster());
    await expect(figure.locator("img")).toBeHidden();
  },
  async controls({ page }) {
    const figure = await open(page, 'controls="transport scrub"');
    await expect(figure.getByTestId("play")).toBeVisible();
    await expect(figure.getByTestId("speed")).toBeHidden();
    await expect(figure.getByTestId("open")).toBeHidden();
    await figure.evaluate((element) => { element.controls = "none"; });
    await expect(figure.getByTestId("play")).toBeHidden();
    await expect(figure.getByTestId("scrub")).toBeDisabled();
  },
  async view({ page }) {
    const figure = await open(page, 'view="diagram timeline"');
    await expect(figure.getByTestId("stage")).toBeVisible();
    await expect(figure.getByTestId("scrub")).toBeVisible();
    await expect(figure.getByRole("log")).toBeHidden();
    await figure.evaluate((element) => { element.view = ["diagram", "log"]; });
    await expect(figure.getByRole("log")).toBeVisible();
    await expect(figure.getByTestId("scrub")).toBeHidden();
    await expect(figure.getByRole("list", { name: "Invariants" })).toBeHidden();
  },
  async readonly({ page }) {
    const figure = await open(page, "readonly");
    const refused = await figure.evaluate((element) => element.intervene({ do: "crash", node: "Orders" }).catch(({ message }) => message));
    expect(refused).toMatch(/read-only/);
    await figure.evaluate((element) => element.step(3));
  },
  async theme({ page }) {
    const figure = await open(page, 'theme="dark"');
    await expect(figure.locator(".figure")).toHaveAttribute("data-theme", "dark");
    await figure.evaluate((element) => element.setAttribute("theme", "light"));
    await expect(figure.locator(".figure")).toHaveAttribute("data-theme", "light");
  },
  async lang({ page }) {
    const figure = await open(page, 'lang="de-AT"');
    expect(await figure.evaluate((element) => element.lang)).toBe("de-AT");
  },
  async height({ page }) {
    const figure = await put(page, tag('height="480px"'));
    const tall = () => figure.evaluate((element) => element.getBoundingClientRect().height);
    expect(await tall()).toBe(480);
    await drawn(figure);
    expect(await tall()).toBe(480);
  },
  async label({ page }) {
    const figure = await open(page, 'label="Orders &amp; invoices"');
    await expect(figure.getByRole("region", { name: "Orders & invoices" })).toBeVisible();
    await figure.evaluate((element) => element.removeAttribute("label"));
    await expect(figure.getByRole("region", { name: /\w+/ })).toBeVisible();
  },
  async "open-link"({ page }) {
    const figure = await open(page, 'open-link="https://docs.test/play/"');
    await expect(figure.getByTestId("open")).toHaveAttribute("href", /^https:\/\/docs\.test\/play\/#\/event-based\/order-invoice/);
    await figure.evaluate((element) => { element.openLink = "false"; });
    await expect(figure.getByTestId("open")).toBeHidden();
  },
  async frame({ page }) {
    const figure = await put(page, tag("frame seed=12"));
    await figure.evaluate((element) => element.ready);
    await expect(figure.locator("iframe")).toHaveAttribute("sandbox", /^allow-scripts(?!.*same-origin)/);
    expect(await state(figure)).toContain("seed=12");
  },
};

/** A value no option takes, and `null` where there is none. */
const BAD = {
  pattern: "pizza",
  preset: "pizza",
  params: "nonsense",
  scenario: [],
  src: "javascript:alert(1)",
  seed: "-1",
  state: "pizza/quattro",
  "start-at": "soon",
  autoplay: "maybe",
  "playback-rate": "fast",
  loading: "soon",
  reveal: "never",
  poster: "data:image/png;base64,AA",
  controls: "transport levers",
  view: "everything",
  readonly: "maybe",
  theme: "pink",
  lang: "no language!",
  height: "ten bananas",
  label: null,
  "open-link": "javascript:alert(1)",
  frame: "maybe",
};

for (const { name } of TABLE.options) {
  test(`option ${name} does what the table says`, ({ page }) => {
    expect(DOES[name], `a test of the option ${name}`).toBeDefined();
    return DOES[name]({ page });
  });
}

test("a bad value of any option is told by name, with what is allowed", async ({ page }) => {
  expect(Object.keys(BAD)).toEqual(TABLE.options.map(({ name }) => name));
  const figure = await open(page, "");
  for (const [name, value] of Object.entries(BAD).filter(([, value]) => value !== null)) {
    const before = await figure.evaluate((element, name) => element.getAttribute(name), name);
    await listen(figure, ["error"]);
    await figure.evaluate((element, [name, value]) => {
      if (Array.isArray(value)) element[name] = value;
      else element.setAttribute(name, value);
    }, [name, value]);
    await expect(figure.getByTestId("error-option"), name).toContainText(new RegExp(`^(${name}|params)`));
    await expect(figure.getByTestId("error-allowed")).toContainText(/\w/);
    const [, detail] = (await heard(figure))[0];
    expect(detail, name).toMatchObject({ type: "option", message: expect.stringContaining("allowed") });
    expect(await figure.evaluate((element) => element.play().catch(({ name }) => name)), name).toBe("OptionError");
    // A good value takes the card away.
    await figure.evaluate((element, [name, before]) => {
      if (name === "scenario") element[name] = null;
      else if (before === null) element.removeAttribute(name);
      else element.setAttribute(name, before);
    }, [name, before]);
    await drawn(figure);
  }
});

test("attribute, property and address have the same names and the same values", async ({ page }) => {
  const values = { preset: "lost-events", seed: "12", "start-at": "3s", "playback-rate": "0.5", controls: "transport", view: "diagram", readonly: "", theme: "dark", height: "300px", label: "L", "open-link": "https://docs.test/" };
  const figure = await put(page, `<converge-playground pattern="event-based" ${Object.entries(values).map(([name, value]) => `${name}="${value}"`).join(" ")}></converge-playground>`);
  await drawn(figure);
  const properties = await figure.evaluate((element) => {
    const { preset, seed, startAt, playbackRate, controls, view, readonly, theme, height, label, openLink } = element;
    return { preset, seed, startAt, playbackRate, controls, view, readonly, theme, height, label, openLink };
  });
  expect(properties).toEqual({ preset: "lost-events", seed: "12", startAt: "3s", playbackRate: 0.5, controls: ["transport"], view: ["diagram"], readonly: true, theme: "dark", height: "300px", label: "L", openLink: "https://docs.test/" });
  const expected = await state(figure);
  await page.goto(`embed.html?${new URLSearchParams({ pattern: "event-based", ...values })}`);
  const framed = await drawn(page.locator("converge-playground"));
  expect(await state(framed)).toBe(expected);
  await expect(framed.locator(".figure")).toHaveAttribute("data-theme", "dark");
});

test("a property that was set before the script came is not lost, and wins over the attribute", async ({ page }) => {
  await page.route("**/converge-playground.js", async (route) => {
    await page.evaluate(() => {
      const early = document.createElement("converge-playground");
      early.setAttribute("pattern", "event-based");
      early.setAttribute("seed", "1");
      early.seed = "99";
      document.querySelector("main").append(early);
    });
    await route.continue();
  });
  await page.goto("../embed/plain/blank.html");
  const figure = await drawn(page.locator("converge-playground"));
  expect(await state(figure)).toContain("seed=99");
  expect(await figure.evaluate((element) => element.getAttribute("seed"))).toBe("1");
});
