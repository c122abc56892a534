// A thousand figures come and go: what they held is given back.
import { expect, TAG, test, visit } from "../e2e/embed.mjs";
import { held, measuring, mountAndRemove, noteInstances } from "../e2e/mounts.mjs";

/** Bytes of heap that a mount may leave behind, by the line through what is held after each hundred. */
const SLOPE = 1024;

/** The slope of the line of least squares through values that are `step` apart. */
function slope(values, step) {
  const middle = (values.length - 1) / 2;
  const over = values.map((value, index) => (index - middle) * value).reduce((sum, part) => sum + part);
  const under = values.map((_, index) => (index - middle) ** 2).reduce((sum, part) => sum + part);
  return over / under / step;
}

test("after 1,000 mounts a page holds what it held after 100", async ({ page }) => {
  await noteInstances(page);
  await visit(page);
  const session = await measuring(page);
  const rows = [];
  for (let count = 100; count <= 1000; count += 100) {
    await mountAndRemove(page, TAG, 100);
    rows.push(await held(page, session));
    console.log(`${count} mounts: ${JSON.stringify(rows.at(-1))}`);
  }
  const rise = slope(rows.map(({ heap }) => heap), 100);
  console.log(`heap: ${rise.toFixed(0)} bytes a mount`);
  const [first, last] = [rows[0], rows.at(-1)].map(({ heap, ...rest }) => rest);
  expect(last).toEqual(first);
  expect(rise).toBeLessThan(SLOPE);
});
