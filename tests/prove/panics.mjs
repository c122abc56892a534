// Fifty panics: at which entry, its how manieth time, and how a page or a person gets there.

/** [entry, how manieth, way, its argument] */
export const PANICS = [
  // While it is made: at first, where it wakes, put elsewhere, and half made.
  ["mount", 1, "remake"], ["make", 1, "sleepAndWake"], ["make", 2, "replace"],
  ["draw", 1, "remake"], ["draw", 1, "sleepAndWake"], ["speeds", 1, "remake"], ["see", 1, "remake"],
  // While it plays.
  ["frame", 1, "call", ["play"]], ["frame", 2, "call", ["play"]], ["frame", 5, "call", ["play"]], ["frame", 20, "call", ["play"]],
  ["draw", 3, "call", ["play"]], ["see", 3, "call", ["play"]], ["resize", 1, "playAndResize"],
  // What a page asks for.
  ["play", 1, "call", ["play"]], ["pause", 1, "call", ["pause"]], ["step", 1, "call", ["step"]], ["step", 1, "call", ["step", -2]],
  ["draw", 1, "call", ["step"]], ["see", 1, "call", ["step"]], ["metrics", 1, "call", ["step"]],
  ["seek", 1, "call", ["seek", 3]], ["seek", 1, "set", ["currentTime", 3]], ["draw", 1, "call", ["seek", 3]], ["reset", 1, "call", ["reset"]],
  ["rate", 1, "set", ["playbackRate", 2]], ["load", 1, "call", ["load", { preset: "post-feeds", seed: 21 }]],
  ["getState", 1, "call", ["getState"]], ["setState", 1, "call", ["setState", "event-based/order-invoice?seed=12&t=4s"]],
  ["intervene", 1, "call", ["intervene", { do: "crash", node: "Orders" }]], ["snapshot", 1, "call", ["snapshot"]], ["metrics", 1, "call", ["metrics"]],
  ["exportJson", 1, "call", ["exportAs", "json"]], ["exportMermaid", 1, "call", ["exportAs", "mermaid"]], ["getState", 1, "call", ["exportAs", "svg"]],
  ["scenario", 1, "call", ["convergeCall", "scenario"]], ["select", 1, "call", ["convergeCall", "select"]],
  // What a person does.
  ["play", 1, "click", ["[data-testid=play]"]], ["play", 1, "key", ["[data-testid=play]", " "]], ["step", 1, "key", ["[data-testid=scrub]", "ArrowRight"]],
  ["reset", 1, "click", [".toolbar button"]], ["seek", 1, "scrub"], ["seekRecord", 1, "click", [".log .line"]],
  ["press", 1, "click", ["[data-testid^=node-]"]], ["press", 1, "click", [".stage > svg"]], ["press", 1, "key", ["[data-testid^=node-]", "Enter"]],
  ["choose", 1, "clickTwice", ["[data-testid^=node-]", "[role=menuitem]"]],
  ["resize", 1, "set", ["height", "330px"]],
  // While it goes to sleep.
  ["getState", 1, "sleepAndWake"], ["unmount", 1, "sleepAndWake"],
];

/** In the page: arms a panic in one figure, watches for the card, and counts who enters the dead. */
export function rehearse() {
  const now = () => performance.now();
  const settled = (answer) => Promise.resolve(answer).catch(() => {});
  const frames = (count) => new Promise((done) => requestAnimationFrame(() => (count > 1 ? frames(count - 1).then(done) : done())));
  const inside = (element, selector) => element.shadowRoot.querySelector(selector);
  const press = (element, selector) => inside(element, selector).dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, cancelable: true }));
  const tall = (element) => { element.height = element.height === "330px" ? "350px" : "330px"; };
  const ways = {
    call: (element, [method, ...values]) => settled(element[method](...values)),
    set: (element, [name, value]) => (name === "height" ? tall(element) : (element[name] = value)),
    remake: (element) => { element.startAt = element.startAt === "2s" ? "2.5s" : "2s"; },
    replace(element) {
      const next = element.nextElementSibling;
      element.remove();
      return frames(2).then(() => next.before(element));
    },
    async sleepAndWake() {
      scrollTo(0, document.documentElement.scrollHeight);
      for (let wait = 0; wait < 20; wait += 1) await frames(3);
      scrollTo(0, 0);
    },
    playAndResize: (element) => settled(element.play()).then(() => frames(5)).then(() => tall(element)),
    click: (element, [selector]) => press(element, selector),
    async clickTwice(element, [first, second]) {
      press(element, first);
      await frames(2);
      press(element, second);
    },
    key(element, [selector, key]) {
      const part = inside(element, selector);
      part.focus();
      // A key on a button presses it: that is the browser's part, which an event made here leaves out.
      if (key === " ") part.click();
      else part.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }));
    },
    scrub(element) {
      const range = inside(element, "[data-testid=scrub]");
      range.value = "3.5";
      range.dispatchEvent(new Event("input", { bubbles: true }));
    },
  };

  const plan = { left: 0 };
  globalThis.enteredDead = [];
  // A stage that goes to sleep has left its element when it is let go.
  const owners = new WeakMap();
  globalThis.convergeEntered = (name, root) => {
    if (!owners.has(root)) owners.set(root, root.getRootNode().host);
    if (!plan.left || plan.name !== name || owners.get(root) !== plan.element) return false;
    plan.left -= 1;
    if (plan.left) return false;
    plan.panicked = now();
    return true;
  };
  /** Resolves with the milliseconds from the panic until the card is there, and until it is painted. */
  globalThis.panicAt = async (element, [name, left, way, argument]) => {
    const card = new Promise((shown, missing) => {
      setTimeout(() => missing(new Error(`no card: ${name} was ${plan.panicked ? "" : "not "}entered`)), 20_000);
      const watch = new MutationObserver(() => {
        if (!plan.panicked || !inside(element, "[data-testid=error-card]")) return;
        watch.disconnect();
        const there = now() - plan.panicked;
        requestAnimationFrame(() => setTimeout(() => shown([there, now() - plan.panicked])));
      });
      watch.observe(element.shadowRoot, { childList: true, subtree: true });
    });
    Object.assign(plan, { element, name, left, panicked: 0 });
    await ways[way](element, argument);
    return card;
  };

  // Below the guard: what a wasm instance exports, from its trap on.
  let guard = null;
  const watched = (exports) => {
    let dead = false;
    const through = (name, inner) => (...values) => {
      if (dead) globalThis.enteredDead.push(name);
      try {
        return inner(...values);
      } catch (error) {
        dead ||= error instanceof WebAssembly.RuntimeError;
        throw error;
      }
    };
    return Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === "function" ? through(name, value) : value]));
  };
  Object.defineProperty(globalThis, "convergeGuard", {
    get: () => guard && ((exports, url) => guard(watched(exports), url)),
    set: (given) => { guard = given; },
  });
}
