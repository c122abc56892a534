// Reads a file in the LZMA format: a figure's wasm is a fifth smaller in it than by gzip, and hosts
// that compress nothing serve it as small as those that do. Browsers read gzip and deflate only.
//
// Names and numbers are those of the format's specification (I. Pavlov, LZMA specification, 2015);
// `unlzma` reads the same files. It must give way while it works, which ready-made decoders do not:
// half a megabyte at once is a long task on a phone.
import { task } from "./converge-dom.js";

/** Bytes of the result between two breaks; on a phone some 10 ms. */
const PIECE = 1 << 16;

/** Where each kind of probability begins in their one table. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + (12 << 4);
const IS_REP_G0 = IS_REP + 12;
const IS_REP_G1 = IS_REP_G0 + 12;
const IS_REP_G2 = IS_REP_G1 + 12;
const IS_REP0_LONG = IS_REP_G2 + 12;
const POS_SLOT = IS_REP0_LONG + (12 << 4);
const POS = POS_SLOT + (4 << 6);
const ALIGN = POS + 115;
const LEN = ALIGN + 16;
const REP_LEN = LEN + 2 + (32 << 3) + 256;
const LITERAL = REP_LEN + 2 + (32 << 3) + 256;

/** A range decoder over the input from a place on. */
function rangeDecoder(input, start) {
  let at = start;
  let range = 2 ** 32 - 1;
  let code = 0;
  const next = () => {
    if (at >= input.length) throw new Error("the file ends too early");
    return input[at++];
  };
  for (let byte = 0; byte < 5; byte += 1) code = ((code << 8) | next()) >>> 0;
  const normalize = () => {
    if (range >= 2 ** 24) return;
    range = (range << 8) >>> 0;
    code = ((code << 8) | next()) >>> 0;
  };
  return {
    bit(probs, index) {
      const prob = probs[index];
      const bound = (range >>> 11) * prob;
      const one = code >= bound;
      if (one) {
        range -= bound;
        code -= bound;
        probs[index] = prob - (prob >>> 5);
      } else {
        range = bound;
        probs[index] = prob + ((2048 - prob) >>> 5);
      }
      normalize();
      return one ? 1 : 0;
    },
    /** Bits of even chances. */
    direct(count) {
      let value = 0;
      for (let bit = 0; bit < count; bit += 1) {
        range >>>= 1;
        const one = code >= range;
        if (one) code -= range;
        value = (value << 1) | (one ? 1 : 0);
        normalize();
      }
      return value;
    },
  };
}

/** Decodes on, each time it is called, up to a place in the result. */
function decoder(input) {
  const properties = input[0];
  const [lc, lp, pb] = [properties % 9, Math.floor(properties / 9) % 5, Math.floor(properties / 45)];
  const out = new Uint8Array(new DataView(input.buffer, input.byteOffset).getUint32(5, true));
  const probs = new Uint16Array(LITERAL + (0x300 << (lc + lp))).fill(1024);
  const { bit, direct } = rangeDecoder(input, 13);
  const reps = [1, 1, 1, 1];
  let state = 0;
  let size = 0;

  const tree = (base, bits) => {
    let symbol = 1;
    for (let level = 0; level < bits; level += 1) symbol = (symbol << 1) | bit(probs, base + symbol);
    return symbol - (1 << bits);
  };
  const reverse = (base, bits) => {
    let symbol = 1;
    let value = 0;
    for (let level = 0; level < bits; level += 1) {
      const one = bit(probs, base + symbol);
      symbol = (symbol << 1) | one;
      value |= one << level;
    }
    return value;
  };
  const length = (base, posState) => {
    if (!bit(probs, base)) return 2 + tree(base + 2 + (posState << 3), 3);
    if (!bit(probs, base + 1)) return 10 + tree(base + 2 + ((16 + posState) << 3), 3);
    return 18 + tree(base + 2 + (32 << 3), 8);
  };
  const distance = (len) => {
    const slot = tree(POS_SLOT + (Math.min(len - 2, 3) << 6), 6);
    if (slot < 4) return slot + 1;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + reverse(POS + base - slot, bits) + 1;
    return base + (direct(bits - 4) << 4) + reverse(ALIGN, 4) + 1;
  };
  const literal = () => {
    const before = size ? out[size - 1] : 0;
    const context = ((size & ((1 << lp) - 1)) << lc) + (before >> (8 - lc));
    const base = LITERAL + 0x300 * context;
    let symbol = 1;
    if (state >= 7) {
      let matched = out[size - reps[0]];
      while (symbol < 0x100) {
        const expected = (matched >> 7) & 1;
        matched <<= 1;
        const one = bit(probs, base + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | one;
        if (one !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | bit(probs, base + symbol);
    out[size++] = symbol;
    state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
  };
  /** Which of the four latest distances is meant, moved to the front; a length, or 0 for one byte. */
  const repeated = (posState) => {
    if (!bit(probs, IS_REP_G0 + state)) {
      if (!bit(probs, IS_REP0_LONG + (state << 4) + posState)) return 0;
    } else {
      const which = !bit(probs, IS_REP_G1 + state) ? 1 : 2 + bit(probs, IS_REP_G2 + state);
      reps.unshift(...reps.splice(which, 1));
    }
    return length(REP_LEN, posState);
  };
  const match = (posState) => {
    let len;
    if (bit(probs, IS_REP + state)) {
      len = repeated(posState);
      state = state < 7 ? (len ? 8 : 9) : 11;
    } else {
      len = length(LEN, posState);
      reps.pop();
      reps.unshift(distance(len));
      state = state < 7 ? 7 : 10;
    }
    if (reps[0] > size) throw new Error("the file is damaged");
    const end = Math.min(size + Math.max(len, 1), out.length);
    for (; size < end; size += 1) out[size] = out[size - reps[0]];
  };
  return (piece) => {
    const limit = Math.min(size + piece, out.length);
    while (size < limit) {
      const posState = size & ((1 << pb) - 1);
      if (bit(probs, IS_MATCH + (state << 4) + posState)) match(posState);
      else literal();
    }
    return size < out.length ? null : out;
  };
}

/** What is packed in a file of the LZMA format that says how long it is. Throws on a damaged one. */
export async function unpacked(input) {
  const decode = decoder(input);
  for (;;) {
    const out = decode(PIECE);
    if (out) return out;
    await task();
  }
}
