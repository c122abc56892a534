// A figure on its element: made in an instance of the wasm while it is near, a likeness of its last
// frame while it sleeps, a card when it has failed.
import { BUILD } from "./converge-build.js";
import { Chrome } from "./converge-chrome.js";
import { sheet, task } from "./converge-dom.js";
import { figures, loop, seenWatch, settle } from "./converge-live.js";
import { ALL, CHANGES, MAKES, MOVES, optionError, OWN, pick, STAYS } from "./converge-method.js";
import { linkText, OptionError, patternOf } from "./converge-options.js";
import { take } from "./converge-slot.js";
import { follow } from "./converge-theme.js";

/** Milliseconds between two looks at a figure that plays, and between two `timeupdate`. */
const LOOK = 100;
const TELL = 250;
/** A figure that lives keeps its place against one that is only this many pixels nearer. */
const STAY = 100;
/** Milliseconds between two notes of where a figure that plays is, to restart there. */
const NOTE = 1000;

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

let style = null;
let recent = null;

/** The one style sheet of all figures. */
export function styles() {
  style ??= fetch(new URL(BUILD.css, import.meta.url)).then(async (response) => {
    if (!response.ok) throw new Error(`${BUILD.css} answered ${response.status}`);
    return sheet(await response.text());
  });
  style.catch(() => { style = null; });
  return style;
}

/** A figure on its element. */
export class Figure {
  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} place where the chrome stands
   * @param {object} options checked values by property
   * @param {object} owner `drawn()`, `failed(kind, error, facts, restart)`, `emit(name, detail)`
   */
  constructor(element, place, options, owner) {
    Object.assign(this, { element, owner, options, slot: null, waking: false, near: true, visible: false, broken: null });
    Object.assign(this, { wanting: false, looked: 0, noted: 0, told: false, later: 0, began: false, shown: false, playing: false, seen: null, kept: null, waiting: [] });
    this.chrome = new Chrome(place, (method, argument) => this.person(method, argument), () => this.share());
    this.chrome.arrange(this.look());
    this.unfollow = follow(element, (theme) => {
      this.page = theme;
      this.owner.paint(this.theme());
    });
    figures.add(this);
    seenWatch.observe(element);
    settle();
  }

  /** What of the options is only for the eye. */
  look() {
    return { ...ALL, ...this.options, link: this.base() !== null };
  }

  /** Takes options that do not change the run. */
  restyle(options) {
    const { playbackRate } = this.options;
    this.options = options;
    this.chrome.arrange(this.look());
    this.owner.paint(this.theme());
    if (options.playbackRate !== undefined && options.playbackRate !== playbackRate) this.person("rate", options.playbackRate);
  }

  /** The theme it has: the one that is set, else that of the page. */
  theme() {
    const { theme = "auto" } = this.options;
    return theme === "auto" ? this.page : theme;
  }

  /** How far from the middle of the window. Who was asked for by name comes first, then who was
   * never drawn: its turn is short where there are more than can live. */
  distance() {
    if (this === recent) return -Infinity;
    const { top, bottom } = this.element.getBoundingClientRect();
    const middle = innerHeight / 2;
    return Math.max(top - middle, middle - bottom, 0) - (this.slot ? STAY : 0) - (this.seen ? 0 : 1e6);
  }

  /** Whether it is near the window now. */
  approach(near) {
    this.near = near;
    settle();
  }

  file(pattern) {
    const file = BUILD.figures[pattern] ?? BUILD.app;
    if (!file) throw new OptionError("pattern", pattern, Object.keys(BUILD.figures).join(", "));
    return file;
  }

  async wake() {
    this.waking = true;
    let slot = null;
    try {
      slot = await take(this.file(patternOf(this.kept ?? this.options)));
      // It starts, is mounted, is made piece by piece and tells in a task each: the page may be
      // scrolled meanwhile.
      await task();
      if (!figures.has(this) || !this.near) return slot.free();
      this.mount(slot);
      do await task(); while (figures.has(this) && slot.call("make"));
      await task();
      if (!figures.has(this)) slot.call("unmount");
      if (!figures.has(this) || this.broken) return slot.free();
      this.enliven(slot);
    } catch (error) {
      slot?.free();
      if (!this.broken) this.fail(optionError(error));
    } finally {
      this.waking = false;
    }
  }

  mount(slot) {
    slot.died = (cause) => this.died(cause);
    const lang = this.options.lang ?? this.element.closest("[lang]")?.lang ?? navigator.language;
    const made = this.kept ? { ...pick(this.options, STAYS), ...this.kept } : pick(this.options, MAKES);
    if (made.state) made.state = linkText(made.state);
    const options = { ...made, lang, reducedMotion: still() };
    const host = { wake: () => this.want(), event: (name, detail) => queueMicrotask(() => this.event(name, detail)) };
    // Its place is there before it is made: a picture goes by the size of that. Until it is drawn
    // the last picture stands there, if there was one.
    this.owner.show(this.shown);
    slot.call("mount", this.chrome.stage, options, host);
  }

  /** From here on it lives. */
  enliven(slot) {
    this.slot = slot;
    this.chrome.stage.inert = false;
    this.wanting = true;
    this.chrome.showSpeeds(slot.call("call", "speeds", null));
    // It goes on playing as if it had not slept.
    if (this.playing) slot.call("call", "play", null);
    this.refresh(false);
    this.owner.name(this.seen.title);
    this.owner.show(true);
    if (!this.shown) this.owner.drawn();
    this.shown = true;
    if (this.visible) this.begin();
    this.waiting.splice(0).forEach(({ go }) => go());
    loop();
  }

  /** Autoplay, the first time it is seen. */
  begin() {
    if (!this.slot || this.began) return;
    this.began = true;
    if (this.options.autoplay && !still()) this.act("play");
  }

  /** Leaves the last frame behind and gives up the instance. */
  sleep() {
    const { slot } = this;
    try {
      this.note();
      this.playing = !this.seen.paused;
      const likeness = this.chrome.stage.cloneNode(true);
      likeness.inert = true;
      this.chrome.restage(likeness);
      this.slot = null;
      slot.call("unmount");
      slot.free();
    } catch (error) {
      if (!slot.dead) this.fail(error);
    }
  }

  /** Notes where it stands, to wake or restart there, and what was measured up to there. */
  note() {
    this.noted = performance.now();
    this.kept = { state: this.slot.call("call", "getState", null), playbackRate: this.seen.rate };
    if (this.look().view.includes("metrics")) this.chrome.showMeasured(this.slot.call("call", "metrics", null).metrics);
  }

  /** Looks at the figure, shows it, and tells what changed. */
  refresh(tells = true) {
    const before = this.seen;
    const seen = this.slot.call("see");
    this.seen = seen;
    this.looked = performance.now();
    if (seen.paused || this.looked - this.noted > NOTE) this.note();
    this.chrome.show(seen, this.link());
    if (!tells) return;
    if (seen.time !== before.time) this.tell();
    if (seen.paused !== before.paused) this.owner.emit(seen.paused ? "pause" : "play", null);
    if (seen.ended && !before.ended) this.owner.emit("ended", null);
    if (seen.rate !== before.rate) this.owner.emit("ratechange", null);
  }

  /** Says that the time moved, at most every `TELL` milliseconds and at the end once more. */
  tell() {
    this.told = !this.later;
    if (this.later) return;
    this.owner.emit("timeupdate", { time: this.seen.time });
    this.later = setTimeout(() => {
      this.later = 0;
      if (!this.told && figures.has(this)) this.tell();
    }, TELL);
  }

  /** One frame; whether it wants another. */
  frame(now) {
    if (!this.slot || !this.visible || !this.wanting) return false;
    try {
      this.wanting = this.slot.call("frame", now);
      if (this.slot && (!this.wanting || performance.now() - this.looked >= LOOK)) this.refresh();
    } catch (error) {
      this.wanting = false;
      if (this.slot) this.fail(error);
    }
    return this.wanting;
  }

  want() {
    this.wanting = true;
    loop();
  }

  /** Does something now, in a figure that lives. */
  act(method, argument, by = "api") {
    let value;
    try {
      value = this.slot.call("call", method, argument ?? null);
    } catch (error) {
      throw optionError(error);
    }
    this.refresh();
    this.changed(method, argument, by);
    this.want();
    return value;
  }

  /** Does something as soon as the figure lives; asked for by name, it comes before the others. */
  async call(method, argument, by) {
    if (this.broken) throw this.broken;
    if (!this.slot && this.kept && method === "getState") return this.kept.state;
    if (!this.slot) {
      recent = this;
      this.near = true;
      await this.awake();
    }
    return method in OWN ? OWN[method](this, argument, by) : this.act(method, argument, by);
  }

  /** Waits until it lives. */
  async awake() {
    if (!figures.has(this)) throw this.broken ?? new Error("the figure was removed");
    settle();
    await new Promise((go, fail) => this.waiting.push({ go, fail }));
    if (!this.slot) throw this.broken;
  }

  /** Shows another scenario or state: in another instance where its pattern is another. */
  async enter(made, method, argument, by) {
    const pattern = patternOf({ pattern: this.seen.pattern, ...made });
    if (this.file(pattern) === this.file(this.seen.pattern)) return this.act(method, argument, by);
    this.release();
    this.kept = null;
    this.playing = false;
    this.options = { ...this.options, state: undefined, scenario: undefined, pattern, ...made };
    await this.awake();
    return this.changed(method, argument, by);
  }

  /** Tells of what a method did. */
  changed(method, argument, by) {
    if (MOVES.includes(method)) this.owner.emit("seeked", null);
    const param = CHANGES[method];
    if (param) this.owner.emit("converge-change", { param: argument?.id ?? param, value: argument, by });
  }

  /** What a person does with the controls. */
  person(method, argument) {
    const does = method === "toggle" ? (this.seen?.paused ?? true ? "play" : "pause") : method;
    // Controls offer what is possible; where a run has moved on meanwhile, nothing is to be done.
    this.call(does, argument, "user").catch((error) => { if (!this.broken) console.warn(error); });
  }

  /** What the figure says by itself; the rest is told by what is seen. */
  event(name, detail) {
    if (!figures.has(this)) return;
    if (name === "select") this.chrome.menu(detail);
    if (name !== "violation") return;
    this.chrome.violated(detail, !this.options.readonly);
    this.owner.emit("converge-violation", detail);
  }

  /** The folder of the playground, or null where none is known. */
  base() {
    const { openLink } = this.options;
    if (openLink === false) return null;
    return openLink ?? (BUILD.app ? new URL("./", import.meta.url).href : null);
  }

  /** Where it stands as far as it is known: while it is made, what was asked for. */
  state() {
    const { pattern, preset, seed, state, scenario } = this.options;
    if (this.kept || state || scenario || !preset) return this.kept?.state ?? state;
    return `${pattern}/${preset}${seed ? `?seed=${seed}` : ""}`;
  }

  link() {
    const base = this.base();
    const state = this.state();
    return base && state ? `${base.split("#")[0]}#/${linkText(state)}` : null;
  }

  /** The address of what is shown now. */
  share() {
    if (this.slot) this.note();
    const url = this.link();
    if (url) this.owner.emit("converge-share", { url });
    return url;
  }

  died(cause) {
    this.slot = null;
    this.chrome.restage();
    const facts = [["Cause", cause], ["Seed", this.seen?.seed ?? this.options.seed], ["Link", this.link() ?? this.state()]];
    this.fail(Object.assign(new Error(cause), { stopped: true }), facts);
  }

  /** Puts up the card instead of the figure. */
  fail(error, facts = []) {
    this.release();
    this.shown = false;
    this.playing = false;
    this.broken = error;
    this.waiting.splice(0).forEach(({ fail }) => fail(error));
    this.owner.failed(error, facts, () => {
      this.broken = null;
      this.near = true;
      this.wake().finally(settle);
    });
    settle();
  }

  /** Away with it. */
  destroy() {
    figures.delete(this);
    seenWatch.unobserve(this.element);
    this.unfollow();
    clearTimeout(this.later);
    if (recent === this) recent = null;
    this.release();
    this.waiting.splice(0).forEach(({ fail }) => fail(new Error("the figure was removed")));
    settle();
  }

  /** Gives up the instance. One that cannot even let go is not used again: it is dead by then. */
  release() {
    const { slot } = this;
    this.slot = null;
    try {
      slot?.call("unmount");
    } catch (error) {
      console.error(error);
    }
    slot?.free();
  }
}
