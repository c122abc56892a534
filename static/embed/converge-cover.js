// What stands in the element before its figure is drawn and when there is none: the page's own
// content, a poster, a card with the reason. It keeps the figure's place from the first moment.
import { button, card, make, sheet } from "./converge-dom.js";

// Until the rest arrives: the place is reserved by the width, so nothing moves when it is drawn.
const STYLE = `
:host{display:block;margin-block:1em;container-type:inline-size;min-width:min(100%,280px)}
:host([hidden]){display:none}
.figure{position:relative;box-sizing:border-box;overflow:hidden;height:var(--height,clamp(440px,58cqi,660px));border:1px solid color-mix(in srgb,currentColor 18%,transparent);border-radius:var(--converge-radius,12px)}
@container (max-width:719.9px){.figure.figure{height:var(--height,clamp(560px,92cqi,640px))}.figure.figure--side{height:var(--height,clamp(760px,110cqi,860px))}}
.cover{position:absolute;inset:0;overflow:auto;display:grid;place-content:center;place-items:center;gap:12px;padding:16px}
.cover img,.cover ::slotted([slot=poster]){max-width:100%;max-height:100%;object-fit:contain}
[hidden]{display:none!important}
.cover .btn,.problem .btn{font:inherit;padding:8px 18px;min-height:44px;margin:0 8px 0 0;border-radius:8px;border:1px solid;background:none;color:inherit;cursor:pointer}
.problem{position:absolute;inset:0;overflow:auto;padding:20px;font-size:14px}.problem dl{display:grid;grid-template-columns:auto 1fr;gap:4px 14px}.problem dd{margin:0;overflow-wrap:anywhere}
.figure:has(iframe){border:0}iframe{display:block;width:100%;height:100%;border:0}
@media print{.figure{break-inside:avoid}}`;

let style = null;

/** What is said of a failure: its kind for the event, and the words for the card. */
function reason({ option, value, allowed, stopped, message }, facts) {
  if (option) {
    return ["option", "This figure cannot be shown", "One of its options is not valid.", [["Option", option], ["Value", value], ["Allowed", allowed]]];
  }
  if (stopped) {
    return ["stopped", "This figure has stopped", "Something went wrong inside it. The link brings its state back; the rest of the page is not concerned.", facts];
  }
  return ["load", "This figure could not be loaded", "A part of it did not arrive.", [["Cause", message]]];
}

/** The inside of an element, around the figure. */
export class Cover {
  /** @param {ShadowRoot} root @param {() => void} start somebody wants to see the figure */
  constructor(root, start) {
    style ??= sheet(STYLE);
    this.root = root;
    this.dress([]);
    this.poster = make("slot", { name: "poster" });
    this.start = button("Start the figure", start);
    this.cover = make("div", { class: "cover" }, this.poster, make("slot"), this.start);
    this.place = make("div", { class: "place", hidden: true });
    this.figure = make("section", { class: "figure" }, this.place, this.cover);
    this.problem = null;
    root.append(this.figure);
  }

  /** Puts on the sheets of what is drawn. */
  dress(sheets) {
    this.root.adoptedStyleSheets = [style, ...sheets];
  }

  /** Shows what of the options can be seen before anything is drawn. */
  arrange({ height, view, label, poster, starts }) {
    const { figure } = this;
    if (height && height !== "auto") figure.style.setProperty("--height", height);
    else figure.style.removeProperty("--height");
    figure.classList.toggle("figure--side", !view || view.includes("log") || view.includes("metrics"));
    figure.setAttribute("aria-label", label ?? "Converge figure");
    this.poster.replaceChildren(...(poster ? [make("img", { src: poster, alt: "" })] : []));
    this.start.hidden = !starts;
  }

  paint(theme) {
    this.figure.dataset.theme = theme;
  }

  /** The figure has its place, and takes it once it is drawn. */
  show(drawn) {
    this.place.hidden = false;
    this.place.style.visibility = drawn ? "" : "hidden";
    this.cover.hidden = drawn;
  }

  /** Puts up the card; returns what the event says. */
  fail(error, facts, again) {
    const [type, title, sentence, list] = reason(error, facts);
    const { option, value, allowed, message } = error;
    this.clear();
    this.problem = card(title, sentence, list, [[type === "stopped" ? "Restart here" : "Try again", "error-restart", again]]);
    this.place.hidden = true;
    this.cover.hidden = true;
    this.figure.append(this.problem);
    return { type, message, ...(option && { option, value, allowed }) };
  }

  clear() {
    this.problem?.remove();
    this.problem = null;
  }

  /** As before anything was drawn. */
  reset() {
    this.clear();
    this.place.replaceChildren();
    this.place.hidden = true;
    this.cover.hidden = false;
  }
}
