/** One spelling for data that is hashed or signed, the one of app/core/canonical.py: sorted keys, no blanks, whole numbers. */

import { utf8 } from "./bytes";

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** The one byte string for a value; throws a TypeError for what has no such spelling. */
export function canonicalJson(value: unknown): Uint8Array {
  return utf8(spelled(value));
}

function spelled(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    // past 2^53 a number read from JSON may already be another one
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError("no whole number");
    return String(value);
  }
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value as Record<string, unknown>);
    members.sort(([one], [other]) => byCodePoint(one, other));
    return `{${members.map(([key, item]) => `${quoted(key)}:${spelled(item)}`).join(",")}}`;
  }
  throw new TypeError(`${typeof value} has no canonical spelling`);
}

function quoted(text: string): string {
  for (const letter of text) {
    const point = letter.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) throw new TypeError("half a character");
  }
  return JSON.stringify(text);
}

/** JavaScript sorts by halves of characters, Python by characters; the two differ beyond U+FFFF. */
function byCodePoint(one: string, other: string): number {
  const left = Array.from(one, (letter) => letter.codePointAt(0) as number);
  const right = Array.from(other, (letter) => letter.codePointAt(0) as number);
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] as number) - (right[at] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
