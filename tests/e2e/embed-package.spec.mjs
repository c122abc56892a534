// What is made of the table: types that compile, a manifest that names all, and the README's tables.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filled } from "../../xtask/embed.mjs";
import { expect, TABLE, test } from "./embed.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "converge-package-"));
  const inside = join(folder, "node_modules", "converge-playground");
  cpSync(join(root, "dist"), inside, { recursive: true, filter: (path) => !path.includes("about") });
  execFileSync("node", ["xtask/embed.mjs", "package", inside, "1.2.3"], { cwd: root });
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the types compile where the package is used rightly, and refuse what is wrong", () => {
  cpSync(join(root, "tests/embed/types/use.ts"), join(folder, "use.ts"));
  const compile = () => execFileSync(join(root, "node_modules/.bin/tsc"), ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext", "use.ts"], { cwd: folder, encoding: "utf8" });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  expect(compile()).toBe("");
  writeFileSync(join(folder, "use.ts"), 'import type { ConvergePlayground } from "converge-playground";\nexport const wrong = (figure: ConvergePlayground) => figure.stop();\n');
  expect(compile).toThrow();
});

test("the manifest names everything in the table", () => {
  const { modules } = JSON.parse(readFileSync(join(folder, "node_modules/converge-playground/custom-elements.json"), "utf8"));
  const [{ declarations: [element], path }] = modules;
  expect([path, element.tagName]).toEqual(["converge-playground.js", "converge-playground"]);
  const names = (list) => list.map(({ name }) => name);
  expect(names(element.attributes)).toEqual(names(TABLE.options.filter(({ forms }) => forms?.includes("attribute") ?? true)));
  expect(names(element.members)).toEqual([...names(TABLE.options).map((name) => name.replace(/-./g, (pair) => pair[1].toUpperCase())), ...names(TABLE.properties), ...names(TABLE.methods)]);
  expect(names(element.events)).toEqual(names(TABLE.events));
  expect(names(element.cssProperties)).toEqual(names(TABLE.css));
  expect(names(element.cssParts)).toEqual(names(TABLE.parts));
});

test("the package can be imported by its name", () => {
  const script = 'import { ConvergePlayground } from "converge-playground"; console.log(String(ConvergePlayground.observedAttributes.length))';
  const said = execFileSync("node", ["--input-type=module", "-e", script], { cwd: folder, encoding: "utf8" });
  expect(Number(said)).toBe(TABLE.options.filter(({ forms }) => forms?.includes("attribute") ?? true).length);
});

test("the tables of the README are those of the table", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(filled(readme), "run: node xtask/embed.mjs readme").toBe(readme);
  expect(readFileSync(join(folder, "node_modules/converge-playground/README.md"), "utf8")).toContain("::part(toolbar)");
});
