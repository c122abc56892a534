// The engine's own command line, which says what a page must say too.
import { execFileSync } from "node:child_process";

const ENGINE = ["run", "--quiet", "--profile", "tests", "-p", "converge-engine", "--"];

/** Runs the command line; `CONVERGE_ENGINE` names a binary that is already built. */
export function engine(words, input = "") {
  const binary = process.env.CONVERGE_ENGINE;
  const [program, all] = binary ? [binary, words] : ["cargo", [...ENGINE, ...words]];
  return JSON.parse(execFileSync(program, all, { input, encoding: "utf8", maxBuffer: 1 << 26 }));
}
