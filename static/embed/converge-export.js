// What is shown as a file: the picture, the run, its messages.
import { make } from "./converge-dom.js";
import { OptionError } from "./converge-options.js";

/** Pixels of the picture for one of the drawing. */
const SCALE = 2;
/** What of the style makes the picture, and what needs no saying. */
const STYLE = {
  display: "inline", visibility: "visible", opacity: "1", fill: "rgb(0, 0, 0)", "fill-opacity": "1", stroke: "none",
  "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-opacity": "1", "paint-order": "normal",
  "font-family": "", "font-size": "", "font-weight": "400", "text-anchor": "start", "text-decoration-line": "none",
};
const LETTERS = ["font-family", "font-size", "font-weight", "text-anchor", "text-decoration-line"];

const FORMATS = {
  svg: (figure) => new Blob([picture(figure)], { type: "image/svg+xml" }),
  png: (figure) => painted(picture(figure)),
  json: (figure) => new Blob([JSON.stringify(figure.act("exportJson"), null, 2)], { type: "application/json" }),
  mermaid: (figure) => new Blob([figure.act("exportMermaid")], { type: "text/vnd.mermaid" }),
};

/** A figure's picture or text. @returns {Promise<Blob>} */
export async function exportAs(figure, format) {
  if (!Object.hasOwn(FORMATS, format)) throw new OptionError("format", format, Object.keys(FORMATS).join(", "));
  return FORMATS[format](figure);
}

/** The stage as a document of its own: its style inside, where it comes from in its metadata. */
function picture(figure) {
  const layers = figure.chrome.stage.querySelectorAll(":scope > svg");
  const [, , width, height] = layers[0].getAttribute("viewBox").split(" ");
  const { title, seed, hash, time } = figure.seen;
  const link = figure.share();
  const svg = make("svg:svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  const ground = getComputedStyle(figure.chrome.place.parentElement).backgroundColor;
  svg.append(
    make("svg:title", {}, title),
    make("svg:metadata", {}, JSON.stringify({ link, state: figure.kept.state, seed, hash, time })),
    make("svg:rect", { width, height, fill: ground }),
  );
  for (const layer of layers) svg.append(...[...layer.children].map(styled));
  return new XMLSerializer().serializeToString(svg);
}

/** A copy that needs no style sheet. */
function styled(element) {
  const copy = element.cloneNode(false);
  const style = getComputedStyle(element);
  const text = element.localName === "text" || element.localName === "tspan";
  for (const [name, usual] of Object.entries(STYLE)) {
    const value = style.getPropertyValue(name);
    if (value !== usual && (text || !LETTERS.includes(name))) copy.setAttribute(name.replace("-line", ""), value);
  }
  for (const name of ["class", "tabindex", "data-testid", "role"]) copy.removeAttribute(name);
  for (const child of element.childNodes) copy.append(child.nodeType === Node.ELEMENT_NODE ? styled(child) : child.cloneNode());
  return copy;
}

async function painted(svg) {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode().catch(() => { throw new Error("the picture could not be painted; a content policy must allow img-src blob:"); });
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("the picture is too large"))), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}
