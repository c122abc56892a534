// A figure in a sandboxed iframe: the same interface, spoken in messages (see embed.js).
import { follow } from "./converge-theme.js";
import { make } from "./converge-dom.js";
import { OptionError, TABLE } from "./converge-options.js";

/** Both sides refuse another version. */
const VERSION = 1;
/** What may change while the run goes on. */
const LOOKS = TABLE.filter(({ name, remakes, forms }) => !remakes && forms.includes("url") && !["theme", "reveal", "poster", "height"].includes(name));

/** What the page around does: its poster, its place, and what it has fetched already. */
const HERE = ["reveal", "poster", "height", "src"];

/** The text of an option in an address. */
function text(value) {
  if (Array.isArray(value)) return value.join(" ") || "none";
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map((pair) => pair.join("=")).join(" ");
}

/** A figure that lives in its own document. */
export class FrameFigure {
  /** As `Figure` in converge-figure.js. */
  constructor(element, place, options, owner) {
    Object.assign(this, { owner, options, seen: null, id: null, requests: new Map(), number: 0, early: [], drawn: false });
    const url = new URL("./embed.html", import.meta.url);
    for (const { name, property, forms } of TABLE) {
      const value = options[property];
      if (value !== undefined && forms.includes("url") && !HERE.includes(name)) url.searchParams.set(name, text(value));
    }
    // As tall as the frame, which is as tall as a figure in the page would be.
    url.searchParams.set("height", "100dvh");
    this.frame = make("iframe", {
      src: url.href,
      title: options.label ?? "Converge figure",
      sandbox: "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads",
      allow: "fullscreen; clipboard-write",
    });
    this.listener = (event) => this.hear(event);
    addEventListener("message", this.listener);
    place.replaceChildren(this.frame);
    owner.show(true);
    this.unfollow = follow(element, (theme) => {
      this.page = theme;
      this.retheme();
    });
  }

  retheme() {
    const { theme = "auto" } = this.options;
    const now = theme === "auto" ? this.page : theme;
    this.owner.paint(now);
    this.send({ action: "set", args: ["theme", now] });
  }

  hear({ source, data }) {
    if (source !== this.frame.contentWindow || data?.source !== "converge-playground" || data.version !== VERSION) return;
    if (data.event === "init") return this.greet(data.id);
    if (data.id !== this.id) return;
    if (data.seen) this.seen = { ...data.seen, duration: data.seen.duration ?? undefined };
    if (data.event === "answer") this.settle(data);
    else if (data.event === "ready") this.live();
    else if (data.event === "error" && !this.drawn) this.fail(data.detail);
    else if (data.event === "error") this.owner.emit("error", data.detail);
    else if (data.event === "event") this.owner.emit(data.name, data.detail);
  }

  greet(id) {
    this.id = id;
    this.send({ action: "hello" });
    this.retheme();
    const { scenario } = this.options;
    if (scenario) this.send({ action: "set", args: ["scenario", scenario] });
  }

  live() {
    if (this.drawn) return;
    this.drawn = true;
    this.owner.drawn();
    this.early.splice(0).forEach(({ go }) => go());
  }

  /** What a figure in the frame could not do is on its card there; the page is told. */
  fail({ message, option, value, allowed }) {
    const error = option ? new OptionError(option, value, allowed) : new Error(message);
    this.early.splice(0).forEach(({ fail }) => fail(error));
    this.owner.failed(error, [], () => this.frame.setAttribute("src", this.frame.src));
  }

  settle({ reqId, error, value }) {
    const request = this.requests.get(reqId);
    this.requests.delete(reqId);
    if (error) request?.fail(Object.assign(new Error(error.message), error));
    else request?.go(value);
  }

  send(message) {
    // The frame has no origin that could be named.
    if (this.id) this.frame.contentWindow?.postMessage({ target: "converge-playground", version: VERSION, id: this.id, ...message }, "*");
  }

  async call(action, argument) {
    if (!this.drawn) await new Promise((go, fail) => this.early.push({ go, fail }));
    const reqId = (this.number += 1);
    const answer = new Promise((go, fail) => this.requests.set(reqId, { go, fail }));
    this.send({ action, args: argument === undefined ? [] : [argument], reqId });
    const value = await answer;
    if (action !== "exportAs") return value;
    const [, type, base64] = value.match(/^data:([^;,]*).*?,(.*)$/s);
    return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type });
  }

  approach() {}

  restyle(options) {
    for (const { property } of LOOKS) {
      if (text(options[property] ?? "") !== text(this.options[property] ?? "")) {
        this.send({ action: "set", args: [property, options[property] ?? null] });
      }
    }
    this.options = options;
    this.retheme();
  }

  destroy() {
    removeEventListener("message", this.listener);
    this.unfollow();
    this.frame.remove();
    for (const { fail } of this.requests.values()) fail(new Error("the figure was removed"));
  }
}
