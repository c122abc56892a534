// The package, installed by npm and served as it is from a path below a host's root. Only
// `cargo xtask prove --only package` runs this: it builds the modules of all patterns.
import { defineConfig } from "@playwright/test";
import base from "../../playwright.config.mjs";

const site = `http://127.0.0.1:${process.env.CONVERGE_PORT}/some/where/`;

// Not `defineConfig(base, …)`, which would start the server of both.
export default defineConfig({
  ...base,
  testDir: ".",
  // The sizes are told in the order of the patterns.
  workers: 1,
  webServer: {
    command: `${process.env.CONVERGE_XTASK} static ${process.env.CONVERGE_PACKED}=/some/where/ --port ${process.env.CONVERGE_PORT}`,
    url: `${site}package.json`,
  },
  use: { ...base.use, baseURL: site },
});
