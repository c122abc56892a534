// The reader of packed figures against another's packer: what goes in comes out, and what is not
// whole is refused.
import { readFileSync } from "node:fs";
import { compress } from "lzma1";
import { expect, test, visit } from "./embed.mjs";

/** Bytes of a seed: some drawn, some copied from far or near, some repeated. */
function mixed(seed, length) {
  let state = seed;
  const draw = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const bytes = [draw(256)];
  while (bytes.length < length) {
    const [kind, size, back] = [draw(3), 1 + draw(300), 1 + draw(bytes.length)];
    for (let more = 0; more < size; more += 1) bytes.push(kind ? bytes[bytes.length - (kind === 1 ? back : 1)] : draw(256));
  }
  return Uint8Array.from(bytes.slice(0, length));
}

/** A text packed by xz 5.4 with lc=1, lp=2, pb=0 and with lc=4, lp=0, pb=4, and told how long it is. */
const BY_XZ = [
  "EwAAgAD/AAAAAAAAAAAynnXaRq7+QU+AkCGU5VPMru6f+JoXJvpA4Rlmz1yq4GgLuSHtfRHD3n15cvLK4/4+WzZcVF//mwvAAA==",
  "uAAAgAD/AAAAAAAAAAAynYinAIHcyFEejRzCLRjp4AZThw8RGUdjRHERXo0XXjdUQesh6OGiWbTpDl6ynUAkooS7r///9OroAA==",
];

test.beforeEach(({ page }) => visit(page));

/** What the page reads out of a file, or null where it refuses. */
async function unpacked(page, packed) {
  const out = await page.evaluate(async (text) => {
    const { unpacked } = await import("/docs/converge/converge-figure.js");
    try {
      const out = await unpacked(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
      return btoa(Array.from(out, (byte) => String.fromCharCode(byte)).join(""));
    } catch {
      return null;
    }
  }, Buffer.from(packed).toString("base64"));
  return out === null ? null : Buffer.from(out, "base64");
}

async function survives(page, packed, bytes) {
  expect((await unpacked(page, packed))?.equals(Buffer.from(bytes)), `${bytes.length} bytes`).toBe(true);
}

test("what was packed comes out, in one piece and in many", async ({ page }) => {
  for (const length of [1, 2, 1000, 65_535, 65_536, 65_537, 150_000]) {
    for (const seed of [1, 2]) {
      const bytes = mixed(seed + length, length);
      await survives(page, compress(bytes, 5), bytes);
    }
  }
  const text = readFileSync(new URL("../../README.md", import.meta.url));
  await survives(page, compress(text, 9), text);
});

test("other properties than our packer's are read as well", async ({ page }) => {
  const text = "events, sync ticks, compensations and lag; events, sync ticks, compensations and lag\n".repeat(3);
  for (const packed of BY_XZ) await survives(page, Buffer.from(packed, "base64"), Buffer.from(text));
});

test("a file that is cut short or damaged is refused, or is another", async ({ page }) => {
  const bytes = mixed(7, 100_000);
  const packed = compress(bytes, 5);
  for (const length of [0, 5, 17, packed.length >> 1, packed.length - 8]) {
    expect(await unpacked(page, packed.slice(0, length)), `${length} bytes`).toBeNull();
  }
  const early = packed.slice();
  early[18] ^= 255;
  expect((await unpacked(page, early))?.equals(Buffer.from(bytes)) ?? false).toBe(false);
});
