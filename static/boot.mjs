// Starts the app, and says what is wrong when it cannot start or has died.
//
// After a panic the instance is dead: every listener is aborted, timers and frames are cancelled,
// the element is replaced, and the API throws. Nothing enters the instance again.

const script = document.querySelector("script[data-js]");
const abort = new AbortController();
const boot = { signal: abort.signal, link: location.hash, seed: "", started: "" };
window.convergeBoot = boot;

let dead = false;

/** Puts a card in the place of the app. */
function card(title, sentence, facts, buttons) {
  const host = document.createElement("div");
  host.id = "converge";
  const box = document.createElement("section");
  box.className = "boot-card";
  box.setAttribute("role", "alert");
  box.dataset.testid = "error-card";
  const add = (name, text, parent = box) => {
    const element = document.createElement(name);
    element.textContent = text;
    parent.append(element);
    return element;
  };
  add("h1", title);
  add("p", sentence);
  const list = document.createElement("dl");
  for (const [name, value] of facts.filter(([, value]) => value)) {
    add("dt", name, list);
    add("dd", value, list).dataset.testid = `error-${name.toLowerCase()}`;
  }
  if (list.children.length) box.append(list);
  for (const [label, id, action] of buttons) {
    const button = add("button", label);
    button.type = "button";
    button.dataset.testid = id;
    button.addEventListener("click", action);
  }
  host.append(box);
  document.getElementById("converge")?.replaceWith(host);
}

function restart(fragment) {
  history.replaceState(null, "", fragment || location.pathname + location.search);
  location.reload();
}

/** The app panicked or trapped. */
function died(cause) {
  if (dead) return;
  dead = true;
  abort.abort();
  // Handles are whole numbers that rise: everything up to a new one belongs to the dead instance.
  for (let id = setTimeout(() => {}, 0); id > 0; id--) clearTimeout(id);
  for (let id = requestAnimationFrame(() => {}); id > 0; id--) cancelAnimationFrame(id);
  const refuse = () => { throw new Error("Converge has stopped; reload the page."); };
  window.converge = { simulate: refuse, catalog: refuse };
  const link = location.origin + location.pathname + location.search + boot.link;
  card("The playground has stopped", "Something went wrong inside it. Nothing you did is lost: the link brings this state back.",
    [["Cause", cause], ["Seed", boot.seed], ["Link", link]],
    [["Restart here", "error-restart", () => restart(boot.link)], ["Start afresh", "error-fresh", () => restart("")]]);
}

function failed(title, sentence, cause) {
  dead = true;
  card(title, sentence, [["Cause", String(cause?.message ?? cause)], ["Link", location.href]],
    [["Try again", "error-restart", () => location.reload()]]);
}

window.addEventListener("converge-error", (event) => died(event.detail));
window.addEventListener("error", (event) => {
  const error = event.error;
  const trap = typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError;
  if (trap || (error instanceof RangeError && boot.started)) died(error.message);
});

async function start() {
  if (typeof WebAssembly !== "object") {
    failed("This browser has no WebAssembly", "Converge computes its simulations in this page, and needs WebAssembly for it. It may be switched off by a policy or a strict mode.", "WebAssembly is not available");
    return;
  }
  try {
    const { default: init } = await import(new URL(script.dataset.js, document.baseURI));
    await init({ module_or_path: new URL(script.dataset.wasm, document.baseURI) });
    window.dispatchEvent(new CustomEvent("TrunkApplicationStarted"));
  } catch (error) {
    if (dead) return;
    if (error instanceof WebAssembly.RuntimeError) died(error.message);
    else failed("The playground could not be loaded", "A part of it did not arrive. Check the connection and try again.", error);
  }
}

start();
