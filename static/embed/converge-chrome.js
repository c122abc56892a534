// What stands around the picture: controls, time with its marks, story, invariants, measurements.
// It shows what `figure_see` says and hands what people do to the figure.
import { button, make, say, set } from "./converge-dom.js";

const ICONS = {
  play: "M3 1.5v11l9.5-5.5z",
  pause: "M3 2h3v10H3zM8 2h3v10H8z",
  back: "M2 2h2v10H2zM12 2v10L5 7z",
  forth: "M10 2h2v10h-2zM2 2v10l7-5z",
  restart: "M7 2a5 5 0 1 1-4.6 3l1.8.8A3 3 0 1 0 7 4v2.2L3.4 3.1 7 0z",
};
const icon = (name) => make("svg:svg", { viewBox: "0 0 14 14", class: "icon", "aria-hidden": "true" }, make("svg:path", { d: ICONS[name] }));
const seconds = (time, digits = 2) => `${time.toFixed(digits)} s`;
const span = (time) => (time < 1 ? `${Number((time * 1000).toPrecision(3))} ms` : seconds(time));

const STATES = { holds: "good", broken: "bad", pending: "dim" };

/** The chrome of one figure. */
export class Chrome {
  /**
   * @param {HTMLElement} place where it stands
   * @param {(method: string, argument?: unknown) => void} act does what a person asks for
   * @param {() => string | null} link the address "Open in playground" leads to now
   */
  constructor(place, act, link) {
    this.act = act;
    this.place = place;
    this.seen = null;
    this.parts(link);
    const { top, stage, actions, timeline, toolbar, side, printed } = this;
    place.replaceChildren(top, make("div", { class: "main" }, stage, actions), timeline, toolbar, side, printed);
    // One at a time: a figure that is made again stands in the same place.
    place.onkeydown = (event) => this.key(event);
  }

  parts(link) {
    const act = this.act;
    this.meter = make("strong", { class: "meter", "data-testid": "stalest" });
    this.words = make("span", { class: "words" });
    this.top = make("div", { class: "top" }, this.meter, this.words);
    this.stage = this.freshStage();
    this.actions = make("div", { class: "actions", role: "status" });
    this.time = make("span", { class: "time", "data-testid": "time" });
    this.marks = make("svg:svg", { class: "marks", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.range = make("input", { type: "range", min: "0", step: "any", "aria-label": "Time", "data-testid": "scrub", input: () => act("seek", Number(this.range.value)) });
    this.timeline = make("div", { part: "timeline", class: "timeline" }, make("div", { class: "rail" }, this.marks, this.range), this.time);
    this.playing = button("Play (Space)", () => act("toggle"), icon("play"), make("span", {}, "Play"));
    this.playing.classList.add("btn--play");
    this.playing.dataset.testid = "play";
    this.speed = make("select", { class: "btn", part: "button", "aria-label": "Speed, simulated seconds per second", "data-testid": "speed", change: () => act("rate", Number(this.speed.value)) });
    this.open = make("a", { class: "btn open", part: "button", target: "_blank", rel: "noopener", "data-testid": "open", "aria-label": "Open in playground" }, "Open", make("span", {}, " in playground"));
    // The address is that of the moment it is asked for.
    for (const name of ["click", "auxclick"]) this.open.addEventListener(name, () => this.open.setAttribute("href", link() ?? "#"));
    this.toolbar = make("div", { part: "toolbar", class: "toolbar", role: "toolbar", "aria-label": "Playback" },
      button("Restart (R)", () => act("reset"), icon("restart")),
      button("Step back (←)", () => act("step", -1), icon("back")),
      this.playing,
      button("Step (→)", () => act("step", 1), icon("forth")),
      this.speed, this.open);
    this.log = make("ol", { class: "log" });
    this.lines = new Map();
    this.invariants = make("ul", { class: "invariants", "aria-label": "Invariants" });
    this.measured = make("dl", { class: "measured" });
    this.story = make("div", { part: "log", class: "story", role: "log", "aria-label": "Story" }, this.log);
    this.metrics = [this.invariants, this.measured].map((list) => make("div", { part: "metrics" }, list));
    this.side = make("div", { class: "side", tabindex: "0", role: "group", "aria-label": "What holds, the story, and what was measured" }, this.metrics[0], this.story, this.metrics[1]);
    this.printed = make("p", { class: "printed" });
  }

  freshStage() {
    return make("div", { part: "diagram", class: "stage", "data-testid": "stage" });
  }

  /** Puts a fresh picture in the place of the old one, or `still`, a likeness of it. */
  restage(still = this.freshStage()) {
    this.stage.replaceWith(still);
    this.stage = still;
    return still;
  }

  /** Shows and hides by the options. */
  arrange({ view, controls, link }) {
    const off = (element, on) => element.toggleAttribute("hidden", !on);
    const has = (name) => controls.includes(name);
    this.keys = has("transport");
    off(this.stage.parentElement, view.includes("diagram"));
    off(this.timeline, view.includes("timeline"));
    off(this.story, view.includes("log"));
    for (const part of this.metrics) off(part, view.includes("metrics"));
    off(this.side, view.includes("log") || view.includes("metrics"));
    off(this.speed, has("speed"));
    off(this.open, has("share") && link);
    for (const piece of this.toolbar.querySelectorAll("button")) off(piece, this.keys);
    off(this.toolbar, this.keys || has("speed") || (has("share") && link));
    this.range.disabled = !has("scrub");
  }

  /** Shows what the figure sees. */
  show(seen, link) {
    this.seen = seen;
    const word = seen.paused ? "Play" : "Pause";
    const [sign, text] = this.playing.children;
    if (text.textContent !== word) {
      sign.replaceWith(icon(word.toLowerCase()));
      text.textContent = word;
      set(this.playing, "aria-label", `${word} (Space)`);
      // While it plays, a line a moment would drown a listener.
      set(this.story, "aria-live", seen.paused ? "polite" : "off");
    }
    say(this.meter, seen.stalest.number);
    set(this.meter, "class", `meter tone-${seen.stalest.tone}`);
    say(this.words, seen.stalest.words);
    say(this.time, seconds(seen.time, 3));
    this.showTime(seen);
    this.showLog(seen.log);
    this.showInvariants(seen.invariants);
    if (this.speed.value !== String(seen.rate)) this.speed.value = String(seen.rate);
    if (this.stopped !== undefined && this.stopped !== seen.time) this.clear();
    if (link) set(this.open, "href", link);
    say(this.printed, [seen.title, `seed ${seen.seed}`, seconds(seen.time, 3), `trace ${seen.hash}`, link].filter(Boolean).join(" · "));
  }

  showTime({ time, duration, end, marks }) {
    const length = Math.max(duration ?? end, time, 0.001);
    set(this.range, "max", String(length));
    if (Number(this.range.value) !== time) this.range.value = String(time);
    set(this.range, "aria-valuetext", `${seconds(time, 3)} of ${seconds(length)}`);
    const paths = {};
    for (const { tone, time } of marks) paths[tone] = `${paths[tone] ?? ""}M${Math.round((time / length) * 1000)} 0v10`;
    const drawn = JSON.stringify(paths);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.marks.replaceChildren(...Object.entries(paths).map(([tone, d]) => make("svg:path", { d, class: `tone-${tone}` })));
  }

  /** The speeds there are: pairs of factor and name. */
  showSpeeds(speeds) {
    this.speeds = speeds.map(([factor]) => factor);
    this.speed.replaceChildren(...speeds.map(([factor, name]) => make("option", { value: String(factor) }, name)));
  }

  showLog(log) {
    const ids = log.map(({ id }) => id).join();
    if (ids === this.ids) return;
    this.ids = ids;
    const lines = log.map((entry) => [entry.id, this.lines.get(entry.id) ?? this.line(entry)]);
    this.lines = new Map(lines);
    // Lines that stay are left where they are: one of them may have the focus.
    const shown = [...this.lines.values()];
    for (const line of [...this.log.children]) if (!shown.includes(line)) line.remove();
    shown.forEach((line, index) => {
      if (this.log.children[index] !== line) this.log.insertBefore(line, this.log.children[index] ?? null);
    });
  }

  line({ id, time, text, tone }) {
    const go = make("button", { type: "button", class: "line", click: () => this.act("seekRecord", id) },
      make("time", {}, seconds(time)), make("span", { class: `tone-${tone}` }, text));
    return make("li", {}, go);
  }

  showInvariants(invariants) {
    const now = JSON.stringify(invariants);
    if (now === this.checked) return;
    this.checked = now;
    this.invariants.replaceChildren(...invariants.map(({ label, sentence, state, at }) => {
      const word = state === "broken" ? `broken at ${seconds(at)}` : state;
      return make("li", { class: `tone-${STATES[state]}`, "data-state": state, title: sentence }, make("span", {}, label), make("b", {}, word));
    }));
  }

  /** What was measured: everything that happened at all, with the number of samples. */
  showMeasured(metrics) {
    const happened = Object.entries(metrics).filter(([, { n, mean, never }]) => n > 0 && (mean !== 0 || never > 0));
    this.measured.replaceChildren(...happened.flatMap(([id, { n, p50, p99, never, unit }]) => {
      const show = (value) => (unit === "s" ? span(value) : String(Number(value.toPrecision(3))));
      const parts = n > 1 ? [`p50 ${show(p50)}`, `p99 ${show(p99)}`, never ? `${never} never` : "", `n = ${n}`] : [show(p50)];
      return [make("dt", {}, id.replaceAll("_", " ")), make("dd", {}, parts.filter(Boolean).join(" · "))];
    }));
  }

  /** The run stopped because something broke: what, and the protection that would have kept it. */
  violated({ headline, label, time, cure }, cures) {
    this.stopped = time;
    const door = cure && cures ? [button(`${cure.label}: turn it on`, () => this.act("protect", { id: cure.id, on: true }))] : [];
    this.actions.replaceChildren(make("p", { class: "violation", "data-testid": "violation" }, headline ?? label, ...door));
  }

  /** What can be done to what a person pointed at. */
  menu({ items, x, y }) {
    this.clear();
    if (!items.length) return;
    const entries = items.map(({ index, label }) => make("button", { type: "button", role: "menuitem", click: () => {
      this.clear();
      this.act("choose", index);
    } }, label));
    const list = make("div", { class: "menu", role: "menu" }, ...entries);
    list.style.setProperty("--x", `${x}px`);
    list.style.setProperty("--y", `${y}px`);
    this.stage.after(list);
    this.offered = list;
    entries[0].focus({ preventScroll: true });
  }

  clear() {
    this.offered?.remove();
    this.offered = undefined;
    this.stopped = undefined;
    this.actions.replaceChildren();
  }

  /** Keys act only while the focus is inside, and leave to each control what is its own. */
  key(event) {
    if (!this.keys || !this.seen || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    const { key, shiftKey } = event;
    if (key === "Escape" && this.offered) return this.clear();
    if (target.tagName === "SELECT" || (target.tagName === "BUTTON" && key === " ")) return;
    const stride = shiftKey ? 10 : 1;
    const does = {
      " ": ["toggle"],
      ArrowRight: ["step", stride],
      ArrowLeft: ["step", -stride],
      Home: ["seek", 0],
      End: ["seek", this.seen.duration ?? this.seen.end],
      "[": ["rate", this.faster(-1)],
      "]": ["rate", this.faster(1)],
      r: ["reset"],
      R: ["reset"],
    }[key];
    if (!does) return;
    event.preventDefault();
    this.act(...does);
  }

  faster(by) {
    const at = this.speeds.indexOf(this.seen.rate) + by;
    return this.speeds[Math.min(Math.max(at, 0), this.speeds.length - 1)];
  }
}
