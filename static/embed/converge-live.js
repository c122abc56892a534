// Which figures live, and when they draw: at most `LIVE` have a wasm instance, the nearest ones, and
// one frame loop serves those that are seen. The others stand as their last frame.

const LIVE = 4;

/** All figures of the page. */
export const figures = new Set();
let frame = 0;
let turn = 0;

/** Tells each figure whether it is seen. */
export const seenWatch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const figure = [...figures].find(({ element }) => element === target);
    if (figure) figure.visible = isIntersecting;
    if (figure && isIntersecting) figure.begin();
  }
  loop();
});

/** One frame for every figure that is seen and wants one. */
export function loop() {
  frame ||= requestAnimationFrame((now) => {
    frame = 0;
    let again = false;
    for (const figure of figures) again = figure.frame(now) || again;
    if (again) loop();
  });
}

/** Decides who lives, soon: the nearest of those that may, one waking at a time. */
export function settle() {
  turn ||= setTimeout(() => {
    turn = 0;
    const near = [...figures].filter((figure) => figure.near && !figure.broken);
    const chosen = new Set(near.map((figure) => [figure.distance(), figure]).sort(([a], [b]) => a - b).slice(0, LIVE).map(([, figure]) => figure));
    for (const figure of figures) if (figure.slot && !chosen.has(figure)) figure.sleep();
    if ([...figures].some((figure) => figure.waking)) return;
    const next = [...chosen].find((figure) => !figure.slot);
    next?.wake().finally(settle);
  }, 30);
}
