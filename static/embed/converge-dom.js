// Elements, made of names and texts: nothing of outside ever becomes markup. And what else is small.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element. Functions among the attributes are listeners, `null` and `false` leave one out.
 * @param {string} name with `svg:` in front for a drawing
 */
export function make(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:")
    ? document.createElementNS(SVG, name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Sets a text unless it stands there already. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute unless it stands so already; `null` removes it. */
export function set(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A button of the figure. */
export function button(label, click, ...children) {
  return make("button", { type: "button", part: "button", class: "btn", "aria-label": children.length ? label : null, title: label, click }, ...(children.length ? children : [label]));
}

/** The card that stands in a figure's place when there is none: why, and what can be done. */
export function card(title, sentence, facts, buttons) {
  const list = facts
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [make("dt", {}, name), make("dd", { "data-testid": `error-${name.toLowerCase()}` }, value)]);
  const doors = buttons.map(([label, id, click]) => {
    const door = button(label, click);
    door.dataset.testid = id;
    return door;
  });
  return make("div", { class: "problem", role: "alert", "data-testid": "error-card" },
    make("strong", {}, title), make("p", {}, sentence), make("dl", {}, ...list), make("p", {}, ...doors));
}

/** A sheet that many shadow roots share; inline styles would need a laxer content policy. */
export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

/** Waits for a task of its own: what follows is not added to the one that runs. */
export const task = () => new Promise((go) => setTimeout(go));

/** A promise with its two ends, and whether one of them was used. */
export function promised() {
  const made = { settled: false };
  made.promise = new Promise((resolve, reject) => {
    const settle = (way) => (value) => {
      made.settled = true;
      way(value);
    };
    Object.assign(made, { resolve: settle(resolve), reject: settle(reject) });
  });
  // Who waits for it hears of a failure; who does not sees the card.
  made.promise.catch(() => {});
  return made;
}
