// How the release page performs in headless Chromium: seeks, frames, the length of a link.
// Run: cargo xtask build && node tests/perf/perf.mjs [dist folder] [seconds] [seeks,frames,link]
// Numbers, not verdicts: machines are noisy. "cpu" is processor time, which neighbours disturb less.
import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";

const PORT = 8178;
const BASE = `http://127.0.0.1:${PORT}/docs/converge/`;
const ARGUMENTS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const dist = process.argv[2] ?? "dist";
const seconds = Number(process.argv[3] ?? 30);
const parts = (process.argv[4] ?? "seeks,frames,link").split(",");

const server = spawn("cargo", ["xtask", "static", `${dist}=/docs/converge/`, "--port", String(PORT)], { stdio: "ignore" });
const browser = await chromium.launch({ executablePath: process.env.CONVERGE_CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
try {
  await reachable();
  if (parts.includes("seeks")) await seeks();
  if (parts.includes("frames")) await frames();
  if (parts.includes("link")) await link();
} finally {
  await browser.close();
  server.kill();
}

// 200 random seeks both ways over 100,000 records: from the call until the scene is in the DOM.
async function seeks() {
  const page = await opened("#/event-based/order-invoice?v=1&until=900s&horizon=1200s");
  const end = await page.evaluate(async () => {
    // The whole run must be computed before it can be sought in.
    const slider = () => document.querySelector("#converge").shadowRoot.querySelector("[data-testid=scrub]");
    let last = -1;
    for (let quiet = 0; quiet < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const now = Number(slider().max);
      quiet = now === last ? quiet + 1 : 0;
      last = now;
    }
    return last;
  });
  const result = await page.evaluate(async () => {
    const slider = document.querySelector("#converge").shadowRoot.querySelector("[data-testid=scrub]");
    const max = Number(slider.max);
    const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    const ready = [], handled = [];
    let state = 12345;
    const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let index = 0; index < 220; index++) {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const start = performance.now();
      setter.call(slider, String(Math.floor(random() * max)));
      slider.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
      const sync = performance.now() - start;
      // Yew renders in its own tasks: one round of the message queue lets them finish.
      await new Promise((resolve) => { const channel = new MessageChannel(); channel.port1.onmessage = resolve; channel.port2.postMessage(0); });
      if (index >= 20) { handled.push(sync); ready.push(performance.now() - start); }
    }
    return { ready, handled };
  });
  console.log(`seek, 200 random over ${end / 1e3} s:`);
  console.log("  call until it returns ms       ", quantiles(result.handled));
  console.log("  call until the scene is ready ms", quantiles(result.ready));
  await page.getByTestId("scrub").press("End");
  await page.waitForTimeout(800);
  console.log("  records in the run             ", new URLSearchParams(page.url().split("?")[1]).get("n"));
  await page.close();
}

// Playing with at least 200 messages in flight: main-thread work per frame, long tasks, dropped frames.
async function frames() {
  const page = await opened("#/event-based/order-invoice?v=1&rate=20&delivery_delay=uniform(4s,8s)&batch=500&until=120s&t=20s");
  await page.getByTestId("speed").selectOption({ label: "1×" });
  await page.getByTestId("pause-on-violation").uncheck();
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await page.getByTestId("play").click();
  await page.waitForTimeout(2500);
  const inFlight = await page.evaluate(() => {
    const root = document.querySelector("#converge").shadowRoot;
    // A swarm is one path with an outline, which begins with M, for each of its tokens.
    const drawn = [...root.querySelectorAll("[data-testid=stage] .token")].filter((token) => getComputedStyle(token).display !== "none");
    return drawn.reduce((sum, token) => sum + (token.querySelector("path").getAttribute("d") ?? "").split("M").length - 1, 0);
  });
  await session.send("Tracing.start", { categories: "toplevel,devtools.timeline", transferMode: "ReportEvents" });
  const rhythm = await page.evaluate(async (span) => {
    const times = [], long = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => long.push(entry.duration))).observe({ type: "longtask" });
    const start = performance.now();
    await new Promise((resolve) => {
      const tick = (now) => { times.push(now); now - start < span * 1000 ? requestAnimationFrame(tick) : resolve(); };
      requestAnimationFrame(tick);
    });
    return { times, long };
  }, seconds);
  const done = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await done;
  const stood = await page.getByTestId("time").textContent();
  const gaps = rhythm.times.slice(1).map((time, index) => time - rhythm.times[index]);
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0);
  console.log(`frames, ${seconds} s with ${inFlight} messages drawn, until t = ${stood}:`);
  console.log("  main-thread work per frame ms    ", quantiles(workPerFrame(events, "dur")));
  console.log("  main-thread cpu per frame ms     ", quantiles(workPerFrame(events, "tdur")));
  console.log("  longest tasks, ms wall/cpu       ", longest(events));
  console.log("  cpu ms per frame, by kind        ", breakdown(events, gaps.length));
  console.log("  frames", gaps.length, "dropped", dropped, `(${(100 * dropped / (gaps.length + dropped)).toFixed(2)} %)`, "tasks over 50 ms", rhythm.long.length, rhythm.long.map((ms) => Math.round(ms)).join(" "));
  await page.close();
}

// Sum of the main thread's tasks between one animation frame and the next.
function workPerFrame(events, measure) {
  const frames = events.filter((event) => event.name === "FireAnimationFrame" && event.ph === "X");
  if (!frames.length) return [];
  const { pid, tid } = frames[0];
  const tasks = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === "X" && /RunTask/.test(event.name));
  tasks.sort((a, b) => a.ts - b.ts);
  const starts = [...new Set(frames.filter((event) => event.tid === tid && event.pid === pid).map((event) => event.ts))].sort((a, b) => a - b);
  const work = [];
  let task = 0;
  for (let index = 0; index + 1 < starts.length; index++) {
    // A frame's own task begins a little before its callback.
    let sum = 0;
    while (task < tasks.length && tasks[task].ts < starts[index + 1]) {
      if (tasks[task].ts + tasks[task].dur > starts[index]) sum += (tasks[task][measure] ?? 0) / 1000;
      task++;
    }
    // Two callbacks of one frame (the page's and the meter's) lie microseconds apart.
    if (starts[index + 1] - starts[index] > 4000) work.push(sum);
  }
  return work;
}

function mainTasks(events, pattern) {
  const frame = events.find((event) => event.name === "FireAnimationFrame");
  return events.filter((event) => event.pid === frame?.pid && event.tid === frame?.tid && event.ph === "X" && pattern.test(event.name));
}

function longest(events) {
  const tasks = mainTasks(events, /^(ThreadControllerImpl::)?RunTask$/).sort((a, b) => b.dur - a.dur).slice(0, 8);
  return tasks.map((task) => `${(task.dur / 1000).toFixed(0)}/${((task.tdur ?? 0) / 1000).toFixed(0)}`).join(" ");
}

// Where the main thread's time goes; parts contain one another only as their names say.
function breakdown(events, frames) {
  const kinds = ["FireAnimationFrame", "RunMicrotasks", "FunctionCall", "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit", "MinorGC", "MajorGC"];
  return kinds.map((kind) => {
    const found = mainTasks(events, new RegExp(`^${kind}$`));
    return `${kind} ${(found.reduce((sum, event) => sum + (event.tdur ?? 0), 0) / 1000 / frames).toFixed(2)} (${found.length})`;
  }).join(", ");
}

// A link with three knobs and three interventions.
async function link() {
  const page = await opened("#/event-based/order-invoice?v=1&rate=6&publish_delay=2ms&poison=0.01&t=5s");
  await page.getByTestId("intervene").click();
  for (const kind of ["crash", "cut", "write"]) {
    await page.getByTestId(`intervene-${kind}`).first().click();
    await page.getByTestId("step").click();
  }
  await page.waitForTimeout(800);
  const href = page.url();
  console.log("link with three knobs and three interventions:", href.length - BASE.length, "characters after the page's address\n  ", href.slice(BASE.length));
  await page.close();
}

async function opened(hash) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(BASE + hash);
  await page.getByTestId("play").waitFor();
  return page;
}

function quantiles(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (p) => (sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)].toFixed(2) : "-");
  return `n ${sorted.length} p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} max ${at(1)}`;
}

async function reachable() {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(BASE).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nothing answers at ${BASE}; is there a dist folder?`);
}
