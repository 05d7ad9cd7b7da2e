/** The voter's line in the public list: base32 of 80 bits of a hash that neither the phone nor the service can steer alone. */

import { sha256 } from "@noble/hashes/sha2.js";

import { idBytes, joined, unhex, utf8 } from "./bytes";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BITS = 80;
const LENGTH = BITS / 5;

/** The tracker of a ballot: `secret` was made by the phone before it sent, `nonce` by the service afterwards. */
export function trackerOf(roundId: string, secret: string, nonce: string): string {
  const digest = sha256(joined(utf8("tracker"), idBytes(roundId), unhex(secret), unhex(nonce)));
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of digest.subarray(0, BITS / 8)) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += LETTERS.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return text;
}

/** A tracker as somebody typed it: case, blanks and hyphens do not matter, nor do 0, 1 and 8 for the letters they look like. */
export function readTracker(typed: string): string | null {
  const text = typed.toUpperCase().replace(/[\s-]/g, "").replace(/0/g, "O").replace(/1/g, "I").replace(/8/g, "B");
  return text.length === LENGTH && Array.from(text).every((letter) => LETTERS.includes(letter)) ? text : null;
}

/** In groups of four, as it is read aloud and copied by hand. */
export function grouped(tracker: string): string {
  return tracker.replace(/(.{4})(?=.)/g, "$1 ");
}

/** Whether a line of the public list is that of a tracker; of equal trackers each has its own, with -1, -2 behind it. */
export function isLineOf(tracker: string, name: string): boolean {
  return name === tracker || (name.startsWith(`${tracker}-`) && /^\d+$/.test(name.slice(tracker.length + 1)));
}
