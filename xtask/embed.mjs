// What is made of the element's one table (static/embed/options.json): types, the manifest that
// editors read, the tables of the README, and the package for npm around them.
// usage: node xtask/embed.mjs package FOLDER VERSION | readme
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TAG = "converge-playground";
const CLASS = "ConvergePlayground";
const root = new URL("..", import.meta.url);
const table = JSON.parse(readFileSync(new URL("static/embed/options.json", root)));
const camel = (name) => name.replace(/-./g, (pair) => pair[1].toUpperCase());
const list = (words) => words.map((word) => JSON.stringify(word)).join(" | ");

/** The type of an option as a property. */
function typeOf({ type, values }) {
  return {
    text: "string | null",
    url: "string | null",
    link: "string | false | null",
    language: "string",
    length: "string | null",
    number: "number | null",
    boolean: "boolean",
    params: "string | Record<string, unknown> | null",
    object: "object | null",
    choice: `${list(values ?? [])} | null`,
    words: `Array<${list(values ?? [])}> | string | null`,
  }[type];
}

const promised = (type) => `Promise<${type === "object" ? "Record<string, unknown>" : type}>`;
const doc = (text, indent = "  ") => `${indent}/** ${text} */\n`;
const typed = ({ name, type, optional }) => `${name}${optional ? "?" : ""}: ${type}`;
const says = ({ meaning, allowed, default: value }) => `${meaning}. Allowed: ${allowed}. Default: ${value}.`.replaceAll("*/", "* /");

/** Declarations for TypeScript. */
export function declarations() {
  const options = table.options.map((option) => `${doc(says(option))}  ${camel(option.name)}: ${typeOf(option)};\n`);
  const methods = table.methods.map(({ name, parameters, returns, meaning }) =>
    `${doc(meaning)}  ${name}(${parameters.map(typed).join(", ")}): ${promised(returns)};\n`);
  const properties = table.properties.map(({ name, type, writable, meaning }) =>
    `${doc(meaning)}  ${writable ? "" : "readonly "}${name}: ${type};\n`);
  const events = table.events.map(({ name, detail, meaning }) => `${doc(meaning)}  ${JSON.stringify(name)}: CustomEvent<${detail}>;\n`);
  return `// Made from the table of options; see the README.

/** The events of <${TAG}>. */
export interface ${CLASS}EventMap {
${events.join("")}}

/** A live figure: <${TAG}>. */
export class ${CLASS} extends HTMLElement {
  /** The version of the package. */
  static readonly version: string;
${[...options, ...methods, ...properties].join("")}  addEventListener<K extends keyof ${CLASS}EventMap>(type: K, listener: (this: ${CLASS}, event: ${CLASS}EventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "${TAG}": ${CLASS};
  }
}
`;
}

/** The custom-elements manifest, schema 1.0.0. */
export function manifest() {
  const module = "converge-playground.js";
  const attributes = table.options.filter(({ forms }) => !forms || forms.includes("attribute"));
  const field = ({ name, type, meaning, ...rest }) => ({ kind: "field", name, type: { text: type }, description: meaning, ...rest });
  const element = {
    kind: "class",
    name: CLASS,
    tagName: TAG,
    customElement: true,
    description: "A live figure of an eventually consistent system, simulated in the page.",
    superclass: { name: "HTMLElement" },
    attributes: attributes.map((option) => ({ name: option.name, fieldName: camel(option.name), type: { text: typeOf(option) }, default: String(option.default), description: says(option) })),
    members: [
      ...table.options.map((option) => field({ name: camel(option.name), type: typeOf(option), meaning: says(option) })),
      ...table.properties.map(({ writable, ...rest }) => field({ ...rest, readonly: !writable })),
      ...table.methods.map(({ name, parameters, returns, meaning }) => ({
        kind: "method",
        name,
        description: meaning,
        parameters: parameters.map(({ name, type, optional }) => ({ name, type: { text: type }, optional: Boolean(optional) })),
        return: { type: { text: promised(returns) } },
      })),
    ],
    events: table.events.map(({ name, detail, meaning }) => ({ name, type: { text: `CustomEvent<${detail}>` }, description: meaning })),
    cssProperties: table.css.map(({ name, meaning }) => ({ name, description: meaning })),
    cssParts: table.parts.map(({ name, meaning }) => ({ name, description: meaning })),
    slots: [
      { name: "", description: "what is shown until the figure is drawn, and where scripts do not run" },
      { name: "poster", description: "shown until the figure is drawn" },
    ],
  };
  const reference = { name: CLASS, module };
  return {
    schemaVersion: "1.0.0",
    modules: [{
      kind: "javascript-module",
      path: module,
      declarations: [element],
      exports: [
        { kind: "js", name: CLASS, declaration: reference },
        { kind: "custom-element-definition", name: TAG, declaration: reference },
      ],
    }],
  };
}

/** Text as a cell of Markdown; what stands between backticks is code already. */
const cell = (text) => String(text).replaceAll("|", "\\|").split("`").map((part, index) => (index % 2 ? part : part.replaceAll("<", "&lt;"))).join("`");
const rows = (head, lines) => [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");

/** The tables of the README, in Markdown. */
export function tables() {
  const where = ({ name, forms }) => "`" + name + "`" + (forms ? ` (${forms.join(", ")})` : "");
  return [
    rows(["option", "allowed", "default", "meaning"], table.options.map((option) => [where(option), option.allowed, option.default, option.meaning])),
    rows(["method", "gives", "meaning"], table.methods.map(({ name, parameters, returns, meaning }) => ["`" + `${name}(${parameters.map(typed).join(", ")})` + "`", "`" + promised(returns) + "`", meaning])),
    rows(["property", "type", "meaning"], table.properties.map(({ name, type, meaning }) => ["`" + name + "`", "`" + type + "`", meaning])),
    rows(["event", "detail", "meaning"], table.events.map(({ name, detail, meaning }) => ["`" + name + "`", "`" + detail + "`", meaning])),
    rows(["style", "meaning"], [...table.css.map(({ name, meaning }) => ["`" + name + "`", meaning]), ...table.parts.map(({ name, meaning }) => ["`::part(" + name + ")`", meaning])]),
  ].join("\n\n");
}

/** A text with what stands between the marks put in anew. */
export function filled(text) {
  const parts = text.split(/(<!-- options:begin -->|<!-- options:end -->)/);
  if (parts.length !== 5) throw new Error("the README has no place for the table of options");
  return [parts[0], parts[1], `\n${tables()}\n`, parts[3], parts[4]].join("");
}

/** The README's chapter on embedding, which is the package's README too. */
function chapter(readme) {
  const from = readme.indexOf("## In other pages");
  const to = readme.indexOf("\n## ", from + 1);
  if (from < 0) throw new Error("the README has no chapter `In other pages`");
  return `# Converge playground\n\nLive figures of eventual consistency for docs pages.\n\n${readme.slice(from, to)}\n\n## Licence\n\nMIT or Apache 2.0, whichever you prefer.\n`;
}

function packed(folder, version) {
  const description = {
    name: TAG,
    version,
    description: "Live figures of eventual consistency for docs pages: one tag, simulated in the page",
    license: "MIT OR Apache-2.0",
    type: "module",
    main: "./converge-playground.js",
    types: "./converge-playground.d.ts",
    customElements: "./custom-elements.json",
    exports: { ".": { types: "./converge-playground.d.ts", default: "./converge-playground.js" }, "./*": "./*" },
    // Every script may be loaded for what it does: the element defines itself.
    sideEffects: ["./*.js"],
    keywords: ["web-components", "custom-elements", "simulation", "eventual-consistency", "saga", "cqrs", "documentation"],
  };
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write("package.json", `${JSON.stringify(description, null, 2)}\n`);
  write("converge-playground.d.ts", declarations());
  write("custom-elements.json", `${JSON.stringify(manifest(), null, 2)}\n`);
  write("README.md", chapter(readFileSync(new URL("README.md", root), "utf8")));
}

const [command, ...words] = process.argv.slice(2);
if (command === "package") packed(...words);
if (command === "readme") {
  const path = new URL("README.md", root);
  writeFileSync(path, filled(readFileSync(path, "utf8")));
}
