// Blocks of Markdown, ```converge with lines of `key = value`, become figures: wherever tools for docs
// put the language, and also those that a page brings in later. Loaded where there is such a block.
//
// The block stays the figure's content, to be read until it is drawn. Where a box of its own is around
// the block the figure goes into that box's shadow: a page that is hydrated owns its nodes.
import { blocks } from "./converge-block.js";
import { make, sheet } from "./converge-dom.js";
import { ATTRIBUTES, OptionError } from "./converge-options.js";

/** Boxes that tools put around nothing but a block. */
const BOX = "div:is(.language-converge,.highlight,.example-wrap,.expressive-code)";
/** Lines as elements, where a highlighter leaves no line breaks between them. */
const LINE = ".token-line,.ec-line";
/** What a box is then: no row that a figure would be squeezed into, and no ground behind its corners. */
const PLAIN = ":host{display:block!important;background:none!important;box-shadow:none!important}";
const NAMES = ATTRIBUTES.map(({ name }) => name);
const done = new WeakSet();
let style = null;

function text(block) {
  const lines = [...block.querySelectorAll(LINE)].map((line) => line.textContent.trim());
  return lines.length ? lines : (block.querySelector("code") ?? block).textContent.split("\n").map((line) => line.trim());
}

/** The figure that a block asks for; a key that is none is told on its card. */
function figure(block) {
  const made = make("converge-playground");
  for (const line of text(block).filter(Boolean)) {
    const [, key, value] = line.match(/^([^=]*?)\s*(?:=\s*(.*))?$/);
    if (NAMES.includes(key)) made.setAttribute(key, value ?? "");
    else made.convergeRefuses ??= new OptionError(key, value ?? "", `as a key, any of ${NAMES.join(", ")}`);
  }
  return made;
}

function upgrade() {
  for (const found of blocks()) {
    const block = found.closest("pre") ?? found.querySelector("pre");
    if (!block || done.has(block)) continue;
    done.add(block);
    const made = figure(block);
    const box = block.closest(BOX);
    if (box?.querySelectorAll("pre").length === 1) {
      made.lang ||= box.closest("[lang]")?.lang ?? "";
      made.append(make("slot"));
      const root = box.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [style ??= sheet(PLAIN)];
      root.append(made);
    } else {
      block.before(made);
      made.append(block);
    }
  }
}

new MutationObserver(upgrade).observe(document, { childList: true, subtree: true });
upgrade();
