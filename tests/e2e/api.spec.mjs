// The page's JavaScript API gives what the command line gives.
import { inspect } from "node:util";
import { expect, open, test } from "./app.mjs";
import { engine } from "./engine.mjs";

test.beforeAll("the command line is built", () => {
  test.setTimeout(600_000);
  engine(["catalog"]);
});

const SCENARIOS = [
  { preset: "order-invoice" },
  { preset: "post-feeds", seed: "18446744073709551615" },
  {
    preset: "lost-events",
    seed: 21,
    until: "20s",
    config: { delivery_delay: { exp: "70ms" }, poison: 0.1 + 0.2 },
    workload: { rate: 6.5 },
    interventions: [{ at: "3s", do: "crash", node: "Orders" }],
  },
];

test("simulate gives the hash of the command line", async ({ page }) => {
  await open(page);
  for (const scenario of SCENARIOS) {
    const native = engine(["run", "-"], JSON.stringify(scenario));
    const result = await page.evaluate((scenario) => window.converge.simulate(scenario), scenario);
    for (const field of ["hash", "records", "metrics", "invariants", "scenario"]) {
      expect(result[field], field).toEqual(native[field]);
    }
  }
});

test("the catalogue is that of the command line", async ({ page }) => {
  await open(page);
  const catalog = await page.evaluate(() => window.converge.catalog());
  expect(catalog).toEqual(engine(["catalog"]));
});

test("what the API returns is plain", async ({ page }) => {
  await open(page);
  const strange = await page.evaluate(async () => {
    const strange = [];
    const look = (value, path) => {
      if (value === null || typeof value !== "object") return;
      const kind = Object.getPrototypeOf(value);
      if (kind !== Object.prototype && kind !== Array.prototype) strange.push(path);
      for (const [name, inner] of Object.entries(value)) look(inner, `${path}.${name}`);
    };
    look(await window.converge.catalog(), "catalog");
    look(await window.converge.simulate({ preset: "order-invoice" }), "simulate");
    return strange;
  });
  expect(strange).toEqual([]);
});

for (const [scenario, field, allowed] of [
  [{ preset: "order-pizza" }, "preset", /order-invoice/],
  [{ config: { poison: 0.7 } }, "config.poison", /from 0 to 0\.5/],
  [{ config: { poison: NaN } }, "config.poison", /from 0 to 0\.5/],
  [{ config: { poison: -Infinity } }, "config.poison", /from 0 to 0\.5/],
  [{ colour: "red" }, "colour", /preset/],
  [{ seed: -1 }, "seed", /whole number/],
  [undefined, "scenario", /object/],
  ["order-invoice", "scenario", /object/],
]) {
  test(`simulate(${inspect(scenario)}) throws with field and allowed`, async ({ page }) => {
    await open(page);
    const error = await page.evaluate(async (scenario) => {
      try {
        await window.converge.simulate(scenario);
        return null;
      } catch (error) {
        const { message, field, allowed } = error;
        return { isError: error instanceof Error, message, field, allowed };
      }
    }, scenario);
    expect(error).toMatchObject({ isError: true, field });
    expect(error.allowed).toMatch(allowed);
    expect(error.message).toContain(field);
    // The page goes on.
    const result = await page.evaluate(() => window.converge.simulate({ preset: "order-invoice" }));
    expect(result.hash).toMatch(/^[0-9a-f]{16}$/);
  });
}

test("simulate does not disturb what is shown", async ({ page }) => {
  const app = await open(page);
  const before = await app.state();
  await page.evaluate(() => window.converge.simulate({ preset: "lost-events", seed: 9 }));
  expect(await app.state()).toBe(before);
});
