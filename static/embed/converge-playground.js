// The element <converge-playground>: a live figure of Converge on any page.
//
// Importing this defines the element and does nothing else, not even where there is no document.
// What draws, its style sheet and the wasm are fetched when a figure comes near the viewport. The
// element changes neither its children nor its attributes: pages rendered elsewhere may own them.
import { BUILD, OPTIONS } from "./converge-build.js";
import { whenBlocks } from "./converge-block.js";
import { Cover } from "./converge-cover.js";
import { promised } from "./converge-dom.js";
import { ATTRIBUTES, fetched, json, read, TABLE } from "./converge-options.js";

const NAME = "converge-playground";
const NEAR = "200px";
const option = (name) => TABLE.find((entry) => entry.property === name);

let watch = null;
let engine = null;
let attempts = 0;

/** Loads what draws; tried anew after a failure, under another address since browsers remember it. */
function load() {
  engine ??= import(attempts ? `./converge-figure.js?again=${attempts}` : "./converge-figure.js");
  engine.catch(() => {
    engine = null;
    attempts += 1;
  });
  return engine;
}

function nearness() {
  watch ??= new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) target.convergeNear(isIntersecting);
  }, { rootMargin: NEAR });
  return watch;
}

/** The element; see the table of options in the README. */
export class ConvergePlayground extends (globalThis.HTMLElement ?? Object) {
  static observedAttributes = ATTRIBUTES.map(({ name }) => name);
  static version = BUILD.version;

  /** What is wrong with what asked for this figure, where that was no element. */
  convergeRefuses = null;
  #own = new Map();
  #cover = new Cover(this.attachShadow({ mode: "open" }), () => this.dismissPoster());
  #figure = null;
  #near = false;
  #asked = false;
  #dismissed = false;
  #turn = 0;
  #loading = false;
  #stale = false;
  #drawn = false;
  #connected = false;
  #ready = null;

  constructor() {
    super();
    this.#renew();
  }

  connectedCallback() {
    this.#connected = true;
    for (const { property } of [...TABLE, { property: "currentTime" }]) {
      // A property set before this script arrived hides the accessor of the same name.
      if (!Object.hasOwn(this, property)) continue;
      const value = this[property];
      delete this[property];
      this[property] = value;
    }
    this.#arrange();
    nearness().observe(this);
    this.#advance();
  }

  disconnectedCallback() {
    // One that is only put elsewhere goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#connected = false;
      watch?.unobserve(this);
      this.#near = false;
      this.#drop();
      this.#ready.reject(new Error("the figure was removed"));
      this.#renew();
    });
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    const entry = TABLE.find((entry) => entry.name === name);
    this.#own.delete(entry.property);
    this.#changed(entry);
  }

  /** Told by the one observer of all elements. */
  convergeNear(near) {
    this.#near = near;
    this.#figure?.approach(near);
    this.#advance();
  }

  #value({ name, property, forms }) {
    if (this.#own.has(property)) return this.#own.get(property);
    if (forms.includes("attribute")) return this.getAttribute(name) ?? undefined;
    return forms.includes("child") ? this.querySelector(':scope > script[type="application/json"]')?.textContent : undefined;
  }

  /** The checked value of an option, `undefined` where it is not given; throws what is wrong. */
  #checked(entry) {
    const value = this.#value(entry);
    if (value === undefined) return undefined;
    return read(entry, entry.type === "object" && typeof value === "string" ? json(entry, value) : value);
  }

  /** Every option that is given, checked. */
  #options() {
    if (this.convergeRefuses) throw this.convergeRefuses;
    const given = TABLE.map((entry) => [entry.property, this.#checked(entry)]);
    const options = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    if (options.seed === "random") options.seed = String(crypto.getRandomValues(new Uint32Array(1))[0]);
    return options;
  }

  /** The value of an option as a property. */
  convergeGet(entry) {
    const none = entry.type === "boolean" ? false : null;
    try {
      return this.#checked(entry) ?? none;
    } catch {
      return this.#value(entry);
    }
  }

  /** Sets an option as a property does; `null` gives it back to the attribute. */
  convergeSet(entry, value) {
    if (value === null || value === undefined) this.#own.delete(entry.property);
    else this.#own.set(entry.property, value);
    this.#changed(entry);
  }

  /** After a change: the run is made again, once for all changes of a moment, or only its looks. */
  #changed(entry) {
    if (!this.#connected) return;
    this.#arrange();
    this.#stale ||= Boolean(entry.remakes || entry.name === "frame" || this.#cover.problem);
    queueMicrotask(() => {
      if (!this.isConnected) return;
      if (this.#stale) this.#remake();
      else this.#restyle();
      this.#advance();
    });
  }

  #remake() {
    this.#stale = false;
    this.#drop();
    if (this.#ready.settled) this.#renew();
    this.#advance();
  }

  #restyle() {
    try {
      const options = this.#options();
      this.#figure?.restyle(options);
    } catch (error) {
      this.#drop();
      this.#failed(error, [], () => this.#remake());
    }
  }

  #arrange() {
    // A bad value is told by the card, once the figure is near.
    const safe = (name) => {
      try {
        return this.#checked(option(name));
      } catch {
        return undefined;
      }
    };
    const [height, view, label, poster, reveal] = ["height", "view", "label", "poster", "reveal"].map(safe);
    this.#cover.arrange({ height, view, label, poster, starts: reveal === "interaction" && !this.#dismissed });
  }

  /** Loads once the figure is near, or was asked for, and nothing covers it on purpose. */
  #advance() {
    if (!this.isConnected || this.#figure || this.#loading || this.#cover.problem) return;
    try {
      if (!this.#near && !this.#asked && this.#checked(option("loading")) !== "eager") return;
      const options = this.#options();
      const covered = options.reveal === "manual" || options.reveal === "interaction";
      if (!covered || this.#dismissed) this.#begin(options);
    } catch (error) {
      this.#failed(error, [], () => this.#remake());
    }
  }

  async #begin(options) {
    this.#loading = true;
    const turn = (this.#turn += 1);
    const stands = () => turn === this.#turn && this.isConnected;
    try {
      const made = { ...options };
      if (options.src && !options.state && !options.scenario) made.scenario = await fetched(options.src);
      const Kind = await this.#kind(options);
      if (!stands()) return;
      this.#figure = new Kind(this, this.#cover.place, made, this.#owner());
      if (!this.#near) this.#figure.call("getState").catch(() => {});
    } catch (error) {
      if (stands()) this.#failed(error, [], () => this.#remake());
    } finally {
      if (turn === this.#turn) this.#loading = false;
    }
  }

  async #kind({ frame }) {
    if (frame) return (await import("./converge-frame.js")).FrameFigure;
    const { Figure, styles } = await load();
    this.#cover.dress([await styles()]);
    return Figure;
  }

  /** What a figure may do to its element. */
  #owner() {
    const cover = this.#cover;
    return {
      show: (drawn) => cover.show(drawn),
      drawn: () => {
        this.#drawn = true;
        this.#ready.resolve();
        this.#emit("load", null);
      },
      paint: (theme) => cover.paint(theme),
      name: (title) => { if (!this.#value(option("label"))) cover.figure.setAttribute("aria-label", title); },
      failed: (error, facts, restart) => this.#failed(error, facts, restart),
      emit: (name, detail) => this.#emit(name, detail),
    };
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #failed(error, facts, restart) {
    const detail = this.#cover.fail(error, facts, () => {
      this.#cover.clear();
      this.#renew();
      restart();
    });
    if (this.#ready.settled) this.#renew();
    this.#ready.reject(error);
    this.#emit("error", detail);
  }

  #drop() {
    this.#turn += 1;
    this.#loading = false;
    this.#figure?.destroy();
    this.#figure = null;
    this.#cover.reset();
  }

  #renew() {
    this.#drawn = false;
    this.#ready = promised();
  }

  /** Calls a method of the figure. Being asked for is as good as being near, and as a click. */
  async convergeCall(method, argument) {
    this.#asked = true;
    if (!this.#figure) {
      if (this.#value(option("reveal")) === "interaction") this.#dismissed = true;
      this.#advance();
      await this.#ready.promise;
    }
    return this.#figure.call(method, argument);
  }

  async dismissPoster() {
    this.#dismissed = true;
    this.#asked = true;
    this.#arrange();
    this.#advance();
    await this.#ready.promise;
  }

  get ready() { return this.#ready.promise; }
  get loaded() { return this.#drawn; }
  get paused() { return this.#figure?.seen?.paused ?? true; }
  get ended() { return this.#figure?.seen?.ended ?? false; }
  get duration() { return this.#figure?.seen?.duration ?? NaN; }
  get currentTime() { return this.#figure?.seen?.time ?? 0; }
  set currentTime(seconds) { this.seek(seconds).catch((error) => this.#emit("error", { type: "option", message: error.message, option: "currentTime" })); }
}

for (const { name, returns } of OPTIONS.methods.filter(({ name }) => !(name in ConvergePlayground.prototype))) {
  ConvergePlayground.prototype[name] = async function (argument) {
    const value = await this.convergeCall(name, argument);
    return returns === "void" ? undefined : value;
  };
}

for (const entry of TABLE.filter(({ native }) => !native)) {
  Object.defineProperty(ConvergePlayground.prototype, entry.property, {
    configurable: true,
    enumerable: true,
    get() { return this.convergeGet(entry); },
    set(value) { this.convergeSet(entry, value); },
  });
}

if (globalThis.customElements && !customElements.get(NAME)) customElements.define(NAME, ConvergePlayground);
whenBlocks(() => import("./converge-fence.js"));
