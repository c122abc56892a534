// Takes pictures of figures in the pages of docs hosts, light and dark, on a phone and on a tablet.
// Run: cargo xtask build && cargo xtask hosts && node tests/pictures/hosts.mjs OUTPUT_FOLDER [HOST …]
// With CONVERGE_TIER=prove also of the hosts that take minutes to build.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { HOSTS, visit } from "../e2e/hosts.mjs";
import { browse, each } from "./serve.mjs";

const [folder = "test-results/pictures", ...names] = process.argv.slice(2);
const BASE = "http://127.0.0.1:8178/docs/converge/";

mkdirSync(folder, { recursive: true });
await browse(["dist=/docs/converge/", "tests/hosts=/docs/hosts/", "target/hosts=/docs/built/"], BASE, async (browser) => {
  const hosts = Object.keys(HOSTS).filter((name) => names.length === 0 || names.includes(name));
  const looks = [360, 1024].flatMap((width) => ["light", "dark"].map((theme) => [width, theme]));
  await each(hosts.flatMap((name) => looks.map((look) => [name, ...look])), (...one) => picture(browser, ...one));
});

async function picture(browser, name, width, colorScheme) {
  const host = HOSTS[name];
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, baseURL: BASE });
  page.on("console", (message) => message.type() === "error" && console.log(name, message.text()));
  await visit(page, host);
  for (const index of [0, 1]) {
    await host.box(page, index).scrollIntoViewIfNeeded();
    await host.figure(page, index).evaluate((element) => element.ready);
    await host.box(page, index).evaluate((element) => element.scrollIntoView({ block: "center" }));
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(folder, `${name}-${index}-${width}-${colorScheme}.png`) });
  }
  await page.close();
}
