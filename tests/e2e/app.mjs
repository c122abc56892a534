// What all specs share: a page that must stay free of errors, and the words for what is on it.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";

export { expect };

/** The preset that opens first, and what goes wrong in it. */
export const FIRST = "order-invoice";

/** A speed at which no test waits for a run. That speeds change nothing is for trace.spec.mjs to say. */
const FAST = "100×";

export const test = base.extend({
  /** Patterns of console messages that a test causes on purpose. */
  expectedErrors: [[], { option: true }],

  page: async ({ page, expectedErrors }, use) => {
    const errors = watch(page);
    await use(page);
    const unexpected = errors.filter((text) => !expectedErrors.some((known) => known.test(text)));
    expect(unexpected, "errors in the console").toEqual([]);
  },
});

/** Collects what a page complains about. */
export function watch(page) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return errors;
}

/** Opens the page without a link, as somebody does who comes for the first time. */
export async function start(page) {
  await page.goto("");
  await expect(page.getByTestId("start")).toBeVisible();
  return new App(page);
}

/** Opens the playground at a link, or at the first preset, and waits until it can be used. */
export async function open(page, link = `#/event-based/${FIRST}`) {
  await page.goto(link);
  return playground(page);
}

/** Waits until the playground can be used. */
export async function playground(page) {
  await expect(page.getByTestId("play")).toBeVisible();
  await expect(page.getByTestId("hash")).toHaveText(/[0-9a-f]{4}/);
  return new App(page);
}

/** The page in the words of a visitor. */
export class App {
  constructor(page) {
    this.page = page;
  }

  /** A part of the page by its name. */
  part(id) {
    return this.page.getByTestId(id);
  }

  /** The trace hash at the playhead: 16 digits. */
  async hash() {
    const text = (await this.part("hash").textContent()) ?? "";
    const [digits] = text.replace(/\s/g, "").match(/[0-9a-f]{16}/) ?? [];
    expect(digits, `a hash: ${text}`).toBeTruthy();
    return digits;
  }

  /** The playhead as it is shown. */
  async time() {
    return ((await this.part("time").textContent()) ?? "").trim();
  }

  /** Hash and playhead; waits until both have settled. */
  async state() {
    let last = "";
    await expect(async () => {
      const now = `${await this.time()} ${await this.hash()}`;
      const before = last;
      last = now;
      expect(now).toBe(before);
    }).toPass({ intervals: [100] });
    return last;
  }

  /** Chooses the speed at which no test waits for a run. */
  async hurry() {
    await this.part("speed").selectOption({ label: FAST });
  }

  /** Plays until the run stops at a violation. */
  async playUntilViolation() {
    await this.part("play").click();
    await this.violation();
  }

  /** Waits for the card of a violation. */
  async violation() {
    await expect(this.part("violation")).toBeVisible({ timeout: 45_000 });
    return this.part("violation");
  }

  /** The name of the part that has the focus, in whatever shadow root. */
  focused() {
    return this.page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.closest("[data-testid]")?.dataset.testid ?? "";
    });
  }

  /** Presses Tab until a part has the focus, as somebody without a mouse would. */
  async tabTo(id) {
    const parts = [];
    for (let press = 0; press < 150; press += 1) {
      const focused = await this.focused();
      if (focused === id) return;
      parts.push(focused);
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${id}, only ${[...new Set(parts)].join(", ")}`);
  }

  /** Copies the link and returns it. */
  async share() {
    await this.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.part("share").click();
    return this.copied();
  }

  /** The link that was copied. */
  async copied() {
    await expect(this.part("toast")).toBeVisible();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }
}

/** The link to where the page stands opens the same in another page, with this invariant broken. */
export async function linkShowsTheSame(app, context, invariant) {
  const broken = await app.state();
  const link = await app.share();
  const other = await context.newPage();
  const errors = watch(other);
  const theirs = await open(other, link);
  await expect.poll(() => theirs.state()).toBe(broken);
  await expect(theirs.part(`invariant-${invariant}`)).toHaveAttribute("data-state", "broken");
  expect(errors).toEqual([]);
  await other.close();
}

/** Plays to a violation and turns on what prevents it, by keyboard alone. */
export async function cureByKeyboard(app, protection) {
  await app.tabTo("play");
  while ((await app.part("speed").inputValue()) !== FAST) await app.page.keyboard.press("]");
  await app.page.keyboard.press("Enter");
  await app.violation();
  await app.tabTo("cure");
  await app.page.keyboard.press("Enter");
  await expect(app.part(`protection-${protection}`)).toBeChecked();
  await expect(app.part("violation")).toBeHidden();
}

/** What axe finds on a page, short enough to read. */
export async function complaints(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.slice(0, 5).map(({ target, failureSummary }) => `${target.flat().join(" ")}: ${failureSummary}`),
  }));
}

/** Nothing on a page is wider than the window. */
export async function fitsAcross(page) {
  const [wide, width] = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
  expect(wide).toBeLessThanOrEqual(width);
}

/** Axe finds nothing before and after a violation, nor in the legend and the text, which say `word`. */
export async function axeFindsNothing(app, word) {
  expect(await complaints(app.page)).toEqual([]);
  await app.hurry();
  await app.playUntilViolation();
  expect(await complaints(app.page)).toEqual([]);
  for (const id of ["about", "legend"]) {
    await app.part(`${id}-open`).click();
    await expect(app.part(id)).toContainText(word);
    expect(await complaints(app.page)).toEqual([]);
    await app.page.keyboard.press("Escape");
  }
}

/** Lets a number of frames pass: time in which whatever moves by itself would move. */
export function frames(page, count) {
  return page.evaluate(
    (count) =>
      new Promise((done) => {
        const next = () => (count-- > 0 ? requestAnimationFrame(next) : done());
        next();
      }),
    count,
  );
}
