// The docs hosts with figures in them: where their pages are, and how a visitor gets about there.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const media = (page, theme) => page.emulateMedia({ colorScheme: theme });
/** The figures of a page, and what of the page they stand in. */
const elements = (page, index) => page.locator("converge-playground").nth(index);

/** Every host, the slow ones only where everything is proved: the address of its first page, then what is different there. */
export const HOSTS = {
  plain: { at: "hosts/plain/", theme: media },
  strict: { at: "hosts/strict/", theme: media },
  sandbox: {
    at: "hosts/sandbox/",
    theme: media,
    box: (page, index) => page.locator("iframe").nth(index),
    figure: (page, index) => page.frameLocator("iframe").nth(index).locator("converge-playground"),
    // A frame has nothing inside but its own page, which says so. Playwright may stop scripts in a frame too late.
    fallback: async (page) => {
      await page.goto(await page.locator("iframe").first().getAttribute("src"));
      return page.locator("noscript p");
    },
    // Frames that load late have a history of their own, in which going forward may end.
    again: forth,
  },
  mdbook: { at: "built/mdbook/index.html", theme: book },
  "mdbook-converge": { at: "built/mdbook-converge/index.html", theme: book },
  rustdoc: { at: "built/rustdoc/doc/host/index.html", theme: rustdoc, second: /^second$/ },
  mkdocs: {
    at: "built/mkdocs/",
    theme: (page) => page.locator("[data-md-component=palette] label:visible").click(),
    navigates: true,
    prepare: instant,
  },
  ...(process.env.CONVERGE_TIER === "prove" && {
    docusaurus: { at: "built/docusaurus/", theme: docusaurus, navigates: true },
    starlight: {
      at: "built/starlight/",
      theme: (page, theme) => page.locator("starlight-theme-select select:visible").first().selectOption(theme),
      navigates: true,
    },
  }),
};

/** What every host has, unless told. */
const HOST = {
  box: elements,
  figure: elements,
  second: /second page/i,
  navigates: false,
  prepare: () => {},
  again: (page) => page.goForward(),
  fallback: (page) => page.getByRole("link", { name: "Open the saga playground" }),
};
for (const [name, host] of Object.entries(HOSTS)) HOSTS[name] = { ...HOST, ...host };

/** Opens the first page of a host; its element comes from another host, as the README has it. */
export async function visit(page, host) {
  await page.route("https://docs.example/converge/**", (route) => {
    const { pathname } = new URL(route.request().url());
    const path = fileURLToPath(new URL(`../../dist/${pathname.slice("/converge/".length)}`, import.meta.url));
    return route.fulfill({ path, headers: { "access-control-allow-origin": "*" } });
  });
  await host.prepare(page);
  await page.goto(`../${host.at}`);
}

/** To the second page, by the host's own link; by key, since a click just after the page has scrolled
 * may reach a frame that was under it before. */
export function forth(page, { second }) {
  return page.getByRole("link", { name: second }).first().press("Enter");
}

async function book(page, theme) {
  const choice = page.locator(theme === "dark" ? "#mdbook-theme-navy" : "#mdbook-theme-light");
  if (!(await choice.isVisible())) await page.locator("#mdbook-theme-toggle").click();
  await choice.click();
}

async function rustdoc(page, theme) {
  const choice = page.locator(`label:has(#theme-${theme})`);
  if (!(await choice.isVisible())) await page.locator("#settings-menu:visible, .settings-menu:visible").first().click();
  await choice.click();
}

/** MkDocs navigates by itself only where it was built for: what it was told is put right. */
function instant(page) {
  return page.route("**/sitemap.xml", async (route) => {
    const { origin } = new URL(route.request().url());
    const sitemap = readFileSync(new URL("../../target/hosts/mkdocs/sitemap.xml", import.meta.url), "utf8");
    await route.fulfill({ contentType: "application/xml", body: sitemap.replaceAll("http://127.0.0.1:4173", origin) });
  });
}

/** Its button goes from what the system says to light to dark. */
async function docusaurus(page, theme) {
  const root = page.locator("html");
  do await page.getByRole("button", { name: /switch between dark and light/i }).first().click();
  while ((await root.getAttribute("data-theme")) !== theme);
}
