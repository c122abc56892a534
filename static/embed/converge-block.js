// Whether there are blocks of Markdown on the page that are to be figures.

/** Where tools for docs put the language of a block. */
const BLOCK = ".language-converge,[data-language=converge]";

/** The blocks, as elements that have the language. */
export const blocks = () => document.querySelectorAll(BLOCK);

/** Calls once, as soon as there is a block: maybe only when the page has navigated by itself. */
export function whenBlocks(found) {
  if (!globalThis.document) return;
  const later = new MutationObserver(() => look());
  const look = () => {
    if (!blocks().length) return;
    later.disconnect();
    found();
  };
  later.observe(document, { childList: true, subtree: true });
  look();
}
