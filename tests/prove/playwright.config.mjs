// Proofs on pages: the package as it ships under /docs, and under /rehearsal one whose figure can be
// made to panic. `cargo xtask prove --only embed` builds both and runs this.
import base from "../../playwright.config.mjs";

const [server] = base.webServer.command.split(" static ");

export default {
  ...base,
  testDir: ".",
  // What is measured here is time: one page at a time.
  workers: 1,
  fullyParallel: false,
  timeout: 900_000,
  webServer: {
    ...base.webServer,
    cwd: "../..",
    command: `${server} static target/package=/docs/converge/ target/rehearsal=/rehearsal/converge/ tests/embed=/docs/embed/ tests/embed=/rehearsal/embed/ --port ${new URL(base.use.baseURL).port}`,
    url: `${base.use.baseURL}embed.html`,
  },
};
