// The options of the element, read by the one table (options.json): attributes, properties and the
// keys of embed.html's address all pass through here.
import { OPTIONS } from "./converge-build.js";

/** A bad value: which option, what it was, and what it may be. Nothing is guessed instead. */
export class OptionError extends Error {
  constructor(option, value, allowed) {
    super(`${option} is ${JSON.stringify(value)?.slice(0, 200)}; allowed: ${allowed}`);
    Object.assign(this, { name: "OptionError", option, value: String(value), allowed });
  }
}

const camel = (name) => name.replace(/-./g, (pair) => pair[1].toUpperCase());

/** Each option with its property's name; `forms` says where it may stand, everywhere unless told. */
export const TABLE = OPTIONS.options.map((option) => ({
  forms: ["attribute", "property", "url"],
  ...option,
  property: camel(option.name),
}));

/** The options that are attributes. */
export const ATTRIBUTES = TABLE.filter(({ forms }) => forms.includes("attribute"));

/** An address that may be fetched or followed; `javascript:` and `data:` are none. */
function address(value) {
  const url = new URL(value, globalThis.document?.baseURI);
  if (!/^https?:$/.test(url.protocol)) throw new Error(url.protocol);
  return url.href;
}

function words(value, allowed) {
  const list = Array.isArray(value) ? value : String(value).split(/[\s,]+/).filter(Boolean);
  if (list.join() === "all") return allowed;
  if (list.join() === "none") return [];
  if (!list.every((word) => allowed.includes(word))) throw new Error("not a word of the list");
  return list;
}

/** How each type is read. What throws, or gives `undefined`, is a bad value. */
const READ = {
  text: (value) => (["string", "number", "bigint"].includes(typeof value) ? String(value) : undefined),
  params: (value) => (typeof value === "string" || plain(value) ? value : undefined),
  object: (value) => (plain(value) ? value : undefined),
  number: (value) => (String(value).trim() && Number.isFinite(Number(value)) ? Number(value) : undefined),
  boolean: (value, { name }) => ({ "": true, true: true, [name]: true, false: false })[String(value)],
  choice: (value, { values }) => (values.includes(value) ? value : undefined),
  words: (value, { values }) => words(value, values),
  url: address,
  link: (value) => (String(value) === "false" ? false : address(value)),
  language: (value) => Intl.getCanonicalLocales(value)[0],
  length: (value) => (value === "auto" || /^\d+(\.\d+)?(px|r?em|d?v[hw]|cqi)$/.test(value) ? value : undefined),
};

/** Whether a value is an object of data. */
export const plain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The value of an option, or an [`OptionError`]. */
export function read(option, value) {
  let result;
  try {
    result = READ[option.type](value, option);
  } catch {
    // Told below, in the words of the table.
  }
  if (result === undefined) throw new OptionError(option.name, value, option.allowed);
  return result;
}

/** A state as the link's text: a whole address is as good. */
export const linkText = (state) => state.slice(state.indexOf("#") + 1).replace(/^\/+/, "");

/** The pattern that options ask for, or an [`OptionError`]. */
export function patternOf({ pattern, state, scenario }) {
  const named = state === undefined ? scenario?.pattern : linkText(state).match(/^[\w-]+/)?.[0];
  const found = named ?? pattern;
  if (found) return found;
  const { allowed } = TABLE.find(({ name }) => name === "pattern");
  throw new OptionError("pattern", "", `${allowed}; it says what to load`);
}

/** A scenario written as text. */
export function json(entry, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new OptionError(entry.name, text, entry.allowed);
  }
}

/** The scenario at an address. */
export async function fetched(src) {
  const response = await fetch(src);
  if (!response.ok) throw new Error(`${src} answered ${response.status}`);
  return json(TABLE.find(({ name }) => name === "src"), await response.text());
}
