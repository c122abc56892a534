// What the scripts that take pictures share: a server of folders, and a browser.
import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";

const ARGUMENTS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Serves folders (`dist=/docs/converge/`), waits for `base`, and lends a browser to `work`. */
export async function browse(folders, base, work) {
  const server = spawn("cargo", ["xtask", "static", ...folders, "--port", new URL(base).port], { stdio: "ignore" });
  const browser = await chromium.launch({ executablePath: process.env.CONVERGE_CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
  try {
    await reachable(base);
    await work(browser);
  } finally {
    await browser.close();
    server.kill();
  }
}

/** Does each of the visits, two at a time: a page on a busy machine plays more slowly than a visitor's. */
export async function each(visits, visit) {
  const rest = [...visits];
  const next = async () => {
    for (let one = rest.shift(); one; one = rest.shift()) await visit(...one);
  };
  await Promise.all([next(), next()]);
}

async function reachable(base) {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(base).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nothing answers at ${base}; is there a dist folder?`);
}
