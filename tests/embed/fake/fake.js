// A stand-in for the glue of a figure, behind the same interface: what the element does with any
// figure, a panicking one included, is tested without waiting for a real run.
const TEN = 10;
const RECORDS = Array.from({ length: 20 }, (_, index) => ({ id: index, time: (index + 1) / 2, text: `record ${index}`, tone: "plain" }));

let state = null;
let last = 0;

const refused = (option, value, allowed) => Object.assign(new Error(`${option}: ${value}`), { field: option, value: String(value), allowed });

function told(name, detail) {
  state.host.event(name, detail ?? null);
}

const METHODS = {
  play() {
    state.paused = false;
  },
  pause() {
    state.paused = true;
  },
  step(n) {
    const at = RECORDS.filter(({ time }) => time <= state.time).length - 1 + n;
    METHODS.seek(RECORDS[Math.max(0, Math.min(at, RECORDS.length - 1))].time);
  },
  seek(time) {
    if (typeof time !== "number" || !(time >= 0)) throw refused("time", time, "seconds");
    state.time = Math.min(time, TEN);
  },
  seekRecord: (id) => METHODS.seek(RECORDS[id].time),
  reset() {
    state.paused = true;
    METHODS.seek(0);
  },
  rate(factor) {
    state.rate = factor;
  },
  load(scenario) {
    state.options = { scenario };
    state.time = 0;
  },
  getState: () => `fake/one?t=${state.time}&seed=${state.seed}`,
  setState(text) {
    const query = new URLSearchParams(text.slice(text.indexOf("?")));
    state.time = Number(query.get("t"));
    state.seed = query.get("seed") ?? "1";
  },
  intervene(intervention) {
    told("violation", { invariant: "whole", time: state.time, label: "Whole" });
  },
  snapshot: () => ({ nodes: [{ name: "A" }], time: state.time }),
  metrics: () => ({ metrics: { staleness: { n: 3, mean: 0.1, p50: 0.1, p99: 0.2, max: 0.2, never: 1, unit: "s" } } }),
  exportMermaid: () => "sequenceDiagram\nA->>B: x",
  exportJson: () => ({ seed: state.seed }),
  speeds: () => [[0.5, "0.5×"], [1, "1×"], [2, "2×"]],
  panic() {
    dispatchEvent(new CustomEvent("converge-error", { detail: "a planted panic (fake.js:1)" }));
    throw new WebAssembly.RuntimeError("unreachable");
  },
};

const functions = {
  mount(root, options, host) {
    const known = ["fake", "event-based", "saga"];
    if (!known.includes(options.pattern)) throw refused("pattern", options.pattern, known.join(", "));
    if (options.preset === "panics") METHODS.panic();
    state = { root, options, host, time: parseFloat(options.startAt ?? "0"), seed: options.seed ?? "7", paused: true, rate: options.playbackRate ?? 1 };
    if (options.state) METHODS.setState(options.state);
    const button = document.createElement("button");
    button.textContent = "A";
    button.addEventListener("click", () => wasm.__wasm_bindgen_closure("pressed", [button]));
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.setAttribute("viewBox", "0 0 40 20");
    picture.append(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
    root.replaceChildren(picture, button, Object.assign(document.createElement("output"), { textContent: String(state.time) }));
    globalThis.fakes = (globalThis.fakes ?? 0) + 1;
  },
  unmount() {
    state.root.replaceChildren();
    state = null;
    globalThis.fakes -= 1;
  },
  make: () => state.options.preset === "endless",
  call: (method, argument) => METHODS[method](argument),
  frame(now) {
    if (!state.paused) {
      state.time = Math.min(TEN, state.time + (((now - (last || now)) / 1000) * state.rate));
      if (state.time === TEN) state.paused = true;
    }
    last = now;
    state.root.lastChild.textContent = String(state.time);
    return !state.paused;
  },
  see: () => ({
    time: state.time, duration: TEN, end: TEN, paused: state.paused, ended: state.time === TEN, rate: state.rate,
    title: "A fake", pattern: "fake", preset: "one", seed: state.seed, hash: "0123", stalest: { number: "0 s", words: "all agree", tone: "good" }, log: RECORDS.filter(({ time }) => time <= state.time).reverse(),
    invariants: [{ id: "whole", label: "Whole", sentence: "Nothing is missing", state: "holds", at: null }],
    marks: [{ time: 3.2, tone: "bad", label: "broken" }], interventions: 0,
  }),
};

// As closures of wasm-bindgen do: what the page holds enters through an export, which is guarded.
const exports = {
  memory: {},
  __wasm_bindgen_closure: (name, values) => functions[name](...values),
};
functions.pressed = (button) => {
  if (button.dataset.panics) METHODS.panic();
  state.host.wake();
};

let wasm = null;

export default async function init({ module_or_path: module }) {
  if (!(module instanceof WebAssembly.Module)) throw new Error("no module");
  wasm = globalThis.convergeGuard ? globalThis.convergeGuard(exports, import.meta.url) : exports;
  const names = ["mount", "make", "unmount", "call", "frame", "see"];
  globalThis.convergeFigure?.(Object.fromEntries(names.map((name) => [name, (...values) => wasm.__wasm_bindgen_closure(name, values)])));
}
