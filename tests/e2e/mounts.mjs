// What a page holds after figures came and went: tested with a few here, with a thousand by
// `cargo xtask prove --only embed`.

/** Notes the memory of every wasm instance; before the page is opened. */
export function noteInstances(page) {
  return page.addInitScript(() => {
    const memories = [];
    let guard = null;
    globalThis.instances = () => memories.length;
    globalThis.wasmPages = () => memories.map(({ buffer }) => buffer.byteLength / 65536);
    Object.defineProperty(globalThis, "convergeGuard", {
      get: () => guard && ((exports, url) => {
        memories.push(Object.values(exports).find((value) => value instanceof WebAssembly.Memory));
        return guard(exports, url);
      }),
      set: (given) => { guard = given; },
    });
  });
}

/** Mounts a figure, lets it work, and takes it away again, a number of times. */
export function mountAndRemove(page, html, count) {
  return page.evaluate(async ([html, count]) => {
    const main = document.querySelector("main");
    const frame = () => new Promise(requestAnimationFrame);
    for (let turn = 0; turn < count; turn += 1) {
      main.innerHTML = html;
      const figure = main.firstElementChild;
      await figure.ready;
      await figure.step(3);
      await figure.play();
      await frame();
      await frame();
      main.replaceChildren();
      await frame();
    }
  }, [html, count]);
}

/** What is held after a forced collection: pages of each wasm memory, nodes, listeners, bytes of heap. */
export async function held(page, session) {
  // Timers of what was removed end by themselves, the last after a quarter of a second.
  await page.evaluate(() => new Promise((done) => setTimeout(done, 400)));
  for (let turn = 0; turn < 3; turn += 1) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (wanted) => metrics.find(({ name }) => name === wanted).value;
  const wasmPages = await page.evaluate(() => globalThis.wasmPages());
  return { wasmPages, nodes: metric("Nodes"), listeners: metric("JSEventListeners"), heap: metric("JSHeapUsedSize") };
}

/** A session that can force collections and measure. */
export async function measuring(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await session.send("HeapProfiler.enable");
  return session;
}
