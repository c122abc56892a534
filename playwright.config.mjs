// End-to-end tests: the built page, served under a sub-path as a docs host would, in Chromium.
// `cargo xtask test --only e2e` builds the page, chooses a free port and sets the variables below;
// `npx playwright test` alone works too, on what is in dist/.
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const port = process.env.CONVERGE_PORT ?? "4173";
const xtask = process.env.CONVERGE_XTASK ?? "cargo xtask";
// What docs tools have built is there once `cargo xtask hosts` was run; `test` runs it.
const built = existsSync("target/hosts") ? "target/hosts=/docs/built/" : "";
const page = `http://127.0.0.1:${port}/docs/converge/`;

/** What Chromium's window would do for each page beside the page: over half a second of processor time
 * goes into two pop-ups of an address bar that nobody sees. Of two such switches Chromium takes the
 * last, so what Playwright turns off is repeated. */
const FEATURES_OFF = [
  "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
  "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
  "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
  "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
];

export default defineConfig({
  testDir: "tests/e2e",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  // The page is deterministic: a test that needs a second try is a bug to see.
  retries: 0,
  // Mostly they wait for a run to be played, so two processors carry three of them.
  workers: 3,
  timeout: 60_000,
  reporter: "list",
  webServer: {
    command: `${xtask} static dist=/docs/converge/ tests/embed=/docs/embed/ tests/hosts=/docs/hosts/ ${built} --port ${port}`,
    url: page,
    timeout: 120_000,
  },
  use: {
    baseURL: page,
    // A trace films every page, which takes as long as the tests do. What failed fails again:
    // npx playwright test FILE --trace on
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      // The machine's own Chromium; root in a container has no sandbox to put it in.
      executablePath: process.env.CONVERGE_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--disable-features=${FEATURES_OFF.join()}`,
      ],
    },
  },
});
