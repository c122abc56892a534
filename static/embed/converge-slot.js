// Where figures run: one compiled module for each wasm file of the page, and of it as many instances
// as figures live at a time. A panic kills its instance and nothing else.
//
// The glue of wasm-bindgen holds one instance in its own variables, so each instance is another
// import of it, under another fragment of its address. A slot that is free again is used again.

import { unpacked } from "./converge-unpack.js";

const modules = new Map();
const slots = new Set();
let numbers = 0;
let starting = null;
let queue = Promise.resolve();
let panic = "";

// The panic hook of an instance says why, just before the trap that ends it.
globalThis.addEventListener?.("converge-error", (event) => { panic = String(event.detail); });

// The patched glue asks for this, see `xtask post-build`, just before it starts the instance; one
// that finds the hook is a figure and leaves its functions there. The app's own instance is none of
// ours. Which slot it is must be noted: Chromium tells a module that it had in its cache already the
// address, fragment included, of its first import.
globalThis.convergeGuard = (exports, url) => {
  const slot = starting;
  if (slot?.file !== url.split("#")[0]) return exports;
  globalThis.convergeFigure = (functions) => {
    delete globalThis.convergeFigure;
    slot.functions = functions;
  };
  return slot.guard(exports);
};

async function compile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  if (url.endsWith(".lzma")) return WebAssembly.compile(await unpacked(new Uint8Array(await response.arrayBuffer())));
  try {
    return await WebAssembly.compileStreaming(response.clone());
  } catch (error) {
    // A host that sends another type than application/wasm; what is no wasm fails again.
    if (!(error instanceof TypeError)) throw error;
    return WebAssembly.compile(await response.arrayBuffer());
  }
}

/** The compiled module of a wasm file: one a page. What failed is tried again when asked again. */
function compiled(url) {
  if (!modules.has(url)) {
    const made = compile(url);
    modules.set(url, made);
    made.catch(() => modules.delete(url));
  }
  return modules.get(url);
}

/** Whether an error is the end of the instance it came from: a trap, or an exhausted stack. */
const fatal = (error) =>
  error instanceof WebAssembly.RuntimeError ||
  ((error instanceof RangeError || error?.name === "InternalError") && /stack|recursion/i.test(error.message));

class Slot {
  constructor(file) {
    Object.assign(this, { file, dead: false, cause: "", died: null, busy: true, depth: 0, functions: null });
  }

  /** Makes the instance. One starts at a time. */
  start(glue, module) {
    const started = queue.then(async () => {
      starting = this;
      try {
        await glue.default({ module_or_path: module });
      } finally {
        starting = null;
      }
    });
    queue = started.catch(() => {});
    return started;
  }

  /** Wraps every function an instance exports; memory and tables pass. */
  guard(exports) {
    const guarded = Object.entries(exports).map(([name, value]) =>
      [name, typeof value === "function" ? this.wrapped(value) : value]);
    return Object.fromEntries(guarded);
  }

  wrapped(inner) {
    return (...values) => {
      // A listener or a timer of what is dead: nobody is there to do anything.
      if (this.dead) return undefined;
      this.depth += 1;
      try {
        return inner(...values);
      } catch (error) {
        if (fatal(error)) this.die(error);
        // The browser would only report what the card says already.
        if (this.dead && this.depth === 1) return undefined;
        throw error;
      } finally {
        this.depth -= 1;
      }
    };
  }

  /** Calls one of the figure's functions; throws where it, or the instance, does not live. */
  call(name, ...values) {
    const value = this.dead ? undefined : this.functions[name](...values);
    if (this.dead) throw new Error(`this figure has stopped: ${this.cause}`);
    return value;
  }

  die(error) {
    if (this.dead) return;
    this.dead = true;
    slots.delete(this);
    this.cause = panic || error.message;
    panic = "";
    this.died?.(this.cause);
  }

  /** Leaves the slot to the next figure of this file. */
  free() {
    this.busy = false;
    this.died = null;
  }
}

/** A slot for a figure: one that is free, or a new instance. Fails when something does not load. */
export async function take({ js, wasm }) {
  const [file, code] = [js, wasm].map((name) => new URL(name, import.meta.url).href);
  const free = [...slots].find((slot) => slot.file === file && !slot.busy && !slot.dead);
  if (free) {
    free.busy = true;
    return free;
  }
  const slot = new Slot(file);
  const [module, glue] = await Promise.all([compiled(code), import(`${file}#${(numbers += 1)}`)]);
  await slot.start(glue, module);
  if (slot.dead || !slot.functions) throw new Error(slot.cause || `${js} is no figure`);
  slots.add(slot);
  return slot;
}
