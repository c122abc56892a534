// The iframe form: the element in a page of its own, made from the address, spoken to by messages.
//
// It works under sandbox="allow-scripts", where this page has no origin: it stores nothing, and its
// modules must be allowed to everybody. This script is none, so that it runs even where they are not.
//
// Out: { source: "converge-playground", version: 1, id, event, … }; events init, ready, height,
// event, answer, error. In: { target: "converge-playground", version: 1, id, action, args, reqId }.
// Before `hello` with the id of `init` nothing is done and nothing told but `init` and the height.
(function () {
  "use strict";

  const VERSION = 1;
  /** Requests in one second, at most. */
  const RATE = 100;
  const EVENTS = ["play", "pause", "ended", "seeked", "timeupdate", "ratechange", "converge-change", "converge-violation", "converge-share"];
  const base = document.currentScript.src;
  const id = [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("");
  let element = null;
  let table = null;
  let host = null;
  let requests = [];

  function say(text) {
    document.getElementById("say").textContent = text;
  }

  /** To the page around; to its origin as soon as it has said one. */
  function tell(message) {
    if (parent === window) return;
    parent.postMessage({ source: "converge-playground", version: VERSION, id, ...message }, host ?? "*");
  }

  function seen() {
    const { currentTime, duration, paused, ended } = element;
    return { time: currentTime, duration: Number.isNaN(duration) ? null : duration, paused, ended };
  }

  function told(error) {
    const { message, option, value, allowed } = error;
    return { message, option, value, allowed };
  }

  function dataUrl(blob) {
    return new Promise((done, fail) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = () => fail(reader.error);
      reader.readAsDataURL(blob);
    });
  }

  async function perform(action, args) {
    if (action === "set") {
      const [property, value] = args;
      const option = table.options.find((option) => option.property === property);
      if (!option || property === "frame") throw new Error(`there is no option ${property}`);
      element[property] = value;
      return null;
    }
    if (!table.methods.includes(action)) throw new Error(`there is no action ${action}`);
    const value = await element[action](...args.slice(0, 1));
    return value instanceof Blob ? dataUrl(value) : value ?? null;
  }

  async function hear({ source, origin, data }) {
    if (source !== parent || source === window || typeof data !== "object" || data === null) return;
    if (data.target !== "converge-playground" || data.version !== VERSION) return;
    // A page that came too late for `init` asks again by a hello without an id.
    if (data.action === "hello" && data.id === undefined) return tell({ event: "init" });
    if (data.id !== id) return;
    const address = origin === "null" ? "*" : origin;
    if (data.action === "hello") {
      host = address;
      document.body.classList.add("heard");
      eager();
      if (element?.loaded) tell({ event: "ready", seen: seen() });
      return;
    }
    if (host === null || address !== host) return;
    const { reqId, action } = data;
    const answer = (result) => tell({ event: "answer", reqId, ...(element && { seen: seen() }), ...result });
    const now = performance.now();
    requests = requests.filter((time) => now - time < 1000);
    if (requests.length >= RATE) return answer({ error: { message: `more than ${RATE} requests in a second` } });
    requests.push(now);
    try {
      answer({ value: await perform(action, Array.isArray(data.args) ? data.args : []) });
    } catch (error) {
      answer({ error: told(error) });
    }
  }

  function height() {
    const pixels = Math.ceil(document.body.getBoundingClientRect().height);
    tell({ event: "height", height: pixels });
    // The words Medium and its like understand.
    if (parent !== window) parent.postMessage(JSON.stringify({ src: location.href, context: "iframe.resize", height: pixels }), "*");
  }

  /** A figure that somebody speaks to is there at once; another waits until it is seen. */
  function eager() {
    if (element && host !== null) element.loading = "eager";
  }

  function make(TABLE) {
    element = document.createElement("converge-playground");
    eager();
    const parameters = new URLSearchParams(location.search);
    const keys = TABLE.filter(({ forms }) => forms.includes("url"));
    for (const [key, value] of parameters) {
      const option = keys.find(({ name }) => name === key);
      // A misspelt key shows its reason as a bad value does.
      if (!option) return say(`There is no option ${key}. Options: ${keys.map(({ name }) => name).join(", ")}.`);
      element.setAttribute(key, value);
    }
    for (const name of EVENTS) {
      element.addEventListener(name, ({ detail }) => { if (host !== null) tell({ event: "event", name, detail, seen: seen() }); });
    }
    element.addEventListener("load", () => { if (host !== null) tell({ event: "ready", seen: seen() }); });
    element.addEventListener("error", ({ detail }) => { if (host !== null) tell({ event: "error", detail }); });
    document.body.replaceChildren(element);
    document.title = element.label ?? document.title;
  }

  addEventListener("message", hear);
  new ResizeObserver(height).observe(document.body);
  import(new URL("converge-playground.js", base)).then(async () => {
    const { TABLE } = await import(new URL("converge-options.js", base));
    const { OPTIONS } = await import(new URL("converge-build.js", base));
    table = { options: TABLE, methods: OPTIONS.methods.map(({ name }) => name) };
    make(TABLE);
    tell({ event: "init" });
  }).catch((error) => {
    say(`This figure could not load its parts. In a sandboxed frame their host must send "Access-Control-Allow-Origin: *". (${error.message})`);
    tell({ event: "init" });
  });
})();
