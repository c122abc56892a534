// What the options and the methods of a figure mean for the run behind it.
import { linkText, OptionError, plain, TABLE } from "./converge-options.js";

/** What the run is made of; the rest of the options is for the page. */
export const MAKES = ["playbackRate", "view", ...TABLE.filter(({ remakes }) => remakes).map(({ property }) => property)];
/** What stays when a run goes on from a noted state. */
export const STAYS = ["pattern", "view", "readonly"];
/** What is shown and can be operated where nothing is said. */
export const ALL = Object.fromEntries(TABLE.filter(({ type }) => type === "words").map(({ property, values }) => [property, values]));
/** Some of the options, those of them that are given. */
export const pick = (options, names) => Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));

/** Methods that go to another instant. */
export const MOVES = ["step", "seek", "seekRecord", "reset", "setState"];
/** Methods that change the run, and what they change. */
export const CHANGES = { load: "scenario", setState: "state", intervene: "interventions", choose: "interventions", protect: "protection" };

/** What the wasm refuses names a field: an option, or the argument of a method. */
export function optionError(error) {
  if (error.allowed === undefined) return error;
  const name = TABLE.find(({ property }) => property === error.field)?.name;
  return new OptionError(name ?? error.field, error.value, error.allowed);
}

/** What is made here of what a figure can do. */
export const OWN = {
  step: (figure, n = 1, by = undefined) => figure.act("step", n, by),
  load: (figure, scenario, by) => figure.enter({ scenario: plain(scenario) ? scenario : undefined }, "load", scenario, by),
  setState: (figure, state, by) => figure.enter({ state: typeof state === "string" ? linkText(state) : undefined }, "setState", state, by),
  async exportAs(figure, format) {
    const { exportAs } = await import("./converge-export.js");
    // It may have gone to sleep meanwhile, and a likeness tells nothing.
    if (!figure.slot) await figure.awake();
    return exportAs(figure, format);
  },
  shareUrl(figure) {
    const url = figure.share();
    if (!url) throw new Error("open-link names no playground");
    return url;
  },
};
