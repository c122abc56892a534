// Light or dark, as the page around a figure is: what it says of itself, else its ground, else the
// colour scheme, else the visitor's preference.

const DARK = /(^|[-_ ])(dark|black|night|slate|coal|navy|ayu)($|[-_ ])/i;
const LIGHT = /(^|[-_ ])(light|white|rust|default)($|[-_ ])/i;
const NAMES = ["data-theme", "data-md-color-scheme", "data-bs-theme", "data-color-mode"];
const ATTRIBUTES = [...NAMES, "class", "style"];

const followers = new Map();
let observer = null;

function* ancestors(element) {
  for (let node = element; node; node = node.parentElement ?? node.getRootNode().host) yield node;
}

/** What an element says of its theme. A class counts on the page's roots only. */
function hint(element) {
  const said = NAMES.map((name) => element.getAttribute(name) ?? "");
  if (element === document.documentElement || element === document.body) said.push(...element.classList);
  for (const word of said) {
    if (DARK.test(word)) return "dark";
    if (LIGHT.test(word)) return "light";
  }
  return null;
}

/** Whether an element's ground is dark, if it has one that covers. */
function ground(element) {
  const [red, green, blue, alpha = 1] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
  if (blue === undefined || alpha < 0.5) return null;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110 ? "dark" : "light";
}

/** The theme of the page around an element. */
export function themeOf(element) {
  for (const judge of [hint, ground]) {
    for (const ancestor of ancestors(element)) {
      // The figure's own ground is no sign of the page's.
      const found = ancestor === element && judge === ground ? null : judge(ancestor);
      if (found) return found;
    }
  }
  const scheme = getComputedStyle(element).colorScheme.split(" ");
  if (scheme.includes("dark") !== scheme.includes("light")) return scheme.includes("dark") ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

const tell = () => followers.forEach((told, element) => told(themeOf(element)));

/** Tells the theme now and whenever it changes, until the returned function is called. */
export function follow(element, told) {
  followers.set(element, told);
  if (!observer) {
    observer = new MutationObserver(tell);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
    // A ground that fades to its new colour is judged when it is there.
    document.addEventListener("transitionend", ({ propertyName }) => propertyName.startsWith("background") && tell());
  }
  // Asked for each time: a page that navigates by itself may have put in another body.
  for (const root of [document.documentElement, document.body]) observer.observe(root, { attributeFilter: ATTRIBUTES });
  told(themeOf(element));
  return () => followers.delete(element);
}
