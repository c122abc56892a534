// Fifty injected panics over the ways into a figure: each shows its card, soon, and concerns nobody
// else.
import { drawn, expect, test } from "../e2e/embed.mjs";
import { PANICS, rehearse } from "./panics.mjs";

/** Milliseconds from the panic until its card has been painted. */
const SOON = 100;
const FIGURE = (id, options) => `<converge-playground id="${id}" pattern="event-based" preset="order-invoice" height="350px" open-link="https://example.org/converge/" ${options}></converge-playground>`;
/** Slow enough to play all the while. */
const OTHER = 'start-at="0.5s" playback-rate="0.01" autoplay';
const PAGE = FIGURE("target", 'seed="12" start-at="2s"') + FIGURE("left", OTHER) + FIGURE("right", `seed="3" ${OTHER}`) + '<div id="far"></div>';

const time = (figure) => figure.evaluate((element) => element.currentTime);

// What a listener or a lost element throws is told in the console as well as on the card.
test.use({ expectedErrors: [[/a panic asked for by a test|this figure has stopped|unreachable/], { option: true }] });

test("fifty panics: the card in time, nobody enters the dead, the others go on, restart works", async ({ page }) => {
  expect(PANICS).toHaveLength(50);
  await page.setViewportSize({ width: 1200, height: 1200 });
  await page.addInitScript(rehearse);
  await page.goto("/rehearsal/embed/plain/blank.html");
  await page.addStyleTag({ content: "#far{height:6000px}" });
  await page.locator("main").evaluate((main, html) => main.insertAdjacentHTML("beforeend", html), PAGE);
  const target = page.locator("#target");
  const others = ["#left", "#right"].map((id) => page.locator(id));
  for (const figure of [target, ...others]) await drawn(figure);

  const times = [];
  for (const [index, panic] of PANICS.entries()) {
    const before = await Promise.all(others.map(time));
    const [there, painted] = await target.evaluate((element, panic) => globalThis.panicAt(element, panic), panic);
    times.push(painted);
    console.log(`${index + 1}/50 ${panic.slice(0, 3).join(" ")}: card after ${there.toFixed(1)} ms, painted after ${painted.toFixed(1)} ms`);
    await expect(target.getByTestId("error-cause")).toContainText(`a panic asked for by a test at ${panic[0]}`);
    await expect(target.getByTestId("error-seed")).toHaveText("12");
    await expect(target.getByTestId("error-link")).toContainText(/^https:\/\/example\.org\/converge\/#\/event-based\/order-invoice\?.*seed=12/);
    // Whoever asks is told, and nothing enters what is dead.
    expect(await target.evaluate((element) => element.step().catch(({ message }) => message))).toContain("a panic asked for by a test");
    for (const [other, figure] of others.entries()) await expect.poll(() => time(figure)).toBeGreaterThan(before[other]);
    expect(await page.evaluate(() => globalThis.enteredDead)).toEqual([]);
    await target.getByTestId("error-restart").click();
    await drawn(target);
    await target.evaluate((element) => element.seek(2));
    await target.evaluate((element) => element.step());
    expect(await time(target)).toBeGreaterThan(2);
    await target.evaluate((element) => element.seek(2));
  }
  console.log(`card painted after at most ${Math.max(...times).toFixed(1)} ms, in the median ${times.sort((a, b) => a - b)[25].toFixed(1)} ms`);
  expect(Math.max(...times)).toBeLessThan(SOON);
});

test("a figure that panics while it is removed is gone, and the next lives elsewhere", async ({ page }) => {
  await page.addInitScript(rehearse);
  await page.goto("/rehearsal/embed/plain/blank.html");
  await page.locator("main").evaluate((main, html) => main.insertAdjacentHTML("beforeend", html), PAGE);
  const target = await drawn(page.locator("#target"));
  await drawn(page.locator("#left"));
  await target.evaluate((element) => {
    globalThis.panicAt(element, ["unmount", 1, "replace"]);
  });
  await drawn(target);
  expect(await page.evaluate(() => globalThis.enteredDead)).toEqual([]);
  await target.evaluate((element) => element.step());
});
