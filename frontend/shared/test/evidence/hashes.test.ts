import { describe, expect, test } from "vitest";

import { hex, idBytes, unbase64, unhex, utf8 } from "../../src/evidence/bytes";
import { canonicalJson } from "../../src/evidence/canonical";
import { consistent, includes, merkleRoot } from "../../src/evidence/merkle";
import { verifies } from "../../src/evidence/signing";
import { entryTag } from "../../src/evidence/statements";
import { grouped, isLineOf, readTracker, trackerOf } from "../../src/evidence/tracker";
import { base64, vectors } from "../vectors";

const leaves = (size: number): Uint8Array[] => Array.from({ length: size }, (_, at) => utf8(`entry ${at}`));

/** Another byte string of the same length. */
function altered(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  other[other.length - 1] = (other[other.length - 1] as number) ^ 1;
  return other;
}

describe("bytes", () => {
  test("base64 of every length", () => {
    for (let length = 0; length < 9; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => 251 - at * 37);
      expect(unbase64(base64(bytes))).toEqual(bytes);
    }
  });

  test.each(["A", "====", "AA=A", "AAA", "AA==AA==", "AA A", "AA-_"])("%j is no base64", (text) => {
    expect(() => unbase64(text)).toThrow(RangeError);
  });

  test.each(["a", "0g", "AB", "0x"])("%j is no hexadecimal text", (text) => {
    expect(() => unhex(text)).toThrow(RangeError);
  });

  test.each(["", "00000000-0000-0000-0000-00000000004", "00000000-0000-0000-0000-00000000004G"])("%j is no id", (text) => {
    expect(() => idBytes(text)).toThrow(RangeError);
  });
});

describe("canonical JSON", () => {
  test.each(vectors.canonical)("$value is spelled as the service spells it", ({ value, bytes }) => {
    expect(hex(canonicalJson(value))).toBe(bytes);
  });

  test.each([1.5, 2 ** 53, NaN, Infinity, -0, "\ud800", undefined, 1n, [undefined], { a: () => 1 }])("%s has no spelling", (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe("trees", () => {
  test.each(vectors.merkle)("the root of $size entries", ({ size, root }) => {
    expect(hex(merkleRoot(leaves(size)))).toBe(root);
  });

  test.each(vectors.merkle)("every entry of $size is proved, and nothing else is", ({ size, root: text, inclusion }) => {
    const root = unhex(text);
    inclusion.forEach((steps, index) => {
      const leaf = utf8(`entry ${index}`);
      const path = steps.map(unhex);
      const proof = { root, size, index, leaf, path };
      expect(includes(proof)).toBe(true);
      expect(includes({ ...proof, leaf: utf8("entry x") })).toBe(false);
      expect(includes({ ...proof, root: altered(root) })).toBe(false);
      expect(includes({ ...proof, path: [...path, root] })).toBe(false);
      for (let other = 0; other < size; other += 1) expect(includes({ ...proof, index: other })).toBe(other === index);
      for (const wrong of [-1, size, 0.5, NaN]) expect(includes({ ...proof, index: wrong })).toBe(false);
      if (path.length > 0) {
        expect(includes({ ...proof, path: path.slice(1) })).toBe(false);
        expect(includes({ ...proof, path: [altered(path[0] as Uint8Array), ...path.slice(1)] })).toBe(false);
      }
    });
  });

  test.each(vectors.merkle)("growth to $size is proved from every size, and no other history is", ({ size, root: text, consistency }) => {
    const root = unhex(text);
    for (const { earlier, earlier_root, path: steps } of consistency) {
      const earlierRoot = unhex(earlier_root);
      const path = steps.map(unhex);
      const proof = { earlierRoot, earlier, root, size, path };
      expect(consistent(proof)).toBe(true);
      expect(consistent({ ...proof, earlierRoot: altered(earlierRoot) })).toBe(false);
      expect(consistent({ ...proof, root: altered(root) })).toBe(false);
      expect(consistent({ ...proof, path: [...path, root] })).toBe(false);
      expect(consistent({ ...proof, earlier: size + 1 })).toBe(false);
      expect(consistent({ ...proof, earlier: 0 })).toBe(false);
      for (const at of path.keys()) expect(consistent({ ...proof, path: path.filter((_, index) => index !== at) })).toBe(false);
    }
  });
});

describe("signatures", () => {
  test.each(vectors.signatures)("one of $key holds for its message alone", ({ key, message, signature }) => {
    const bytes = unhex(message);
    expect(verifies(key, signature, bytes)).toBe(true);
    expect(verifies(key, signature, Uint8Array.of(...bytes, 0))).toBe(false);
    expect(verifies(key, base64(altered(unbase64(signature))), bytes)).toBe(false);
  });

  test.each(["", "AAAA", "no base64", base64(new Uint8Array(64))])("%j is no signature", (signature) => {
    const [{ key, message }] = vectors.signatures as [(typeof vectors.signatures)[0]];
    expect(verifies(key, signature, unhex(message))).toBe(false);
  });

  test.each(["", "AAAA", base64(new Uint8Array(32).fill(255)), base64(new Uint8Array(32))])("%j is no key", (key) => {
    const [{ message, signature }] = vectors.signatures as [(typeof vectors.signatures)[0]];
    expect(verifies(key, signature, unhex(message))).toBe(false);
  });
});

describe("trackers and tags", () => {
  test.each(vectors.trackers)("$tracker", ({ round_id, secret, nonce, tracker }) => {
    expect(trackerOf(round_id, secret, nonce)).toBe(tracker);
    expect(trackerOf(round_id, nonce, secret) === tracker).toBe(secret === nonce);
  });

  test.each(vectors.tags)("$tag", (vector) => {
    expect(entryTag(vector)).toBe(vector.tag);
  });

  test("a tracker is read as people type it", () => {
    expect(readTracker(" abcd-EFGH ijkl 2345\n")).toBe("ABCDEFGHIJKL2345");
    expect(readTracker("O0I1B8AAAAAAAAAA")).toBe("OOIIBBAAAAAAAAAA");
    for (const wrong of ["", "ABCD", "ABCDEFGHIJKL23459", "ABCDEFGHIJKL234!", "PAPER-1"]) expect(readTracker(wrong)).toBeNull();
    expect(grouped("ABCDEFGHIJKL2345")).toBe("ABCD EFGH IJKL 2345");
  });

  test("equal trackers have lines of their own", () => {
    const tracker = "ABCDEFGHIJKL2345";
    for (const name of [tracker, `${tracker}-1`, `${tracker}-12`]) expect(isLineOf(tracker, name)).toBe(true);
    for (const name of [`${tracker}-`, `${tracker}-x`, `${tracker}2`, "PAPER-1"]) expect(isLineOf(tracker, name)).toBe(false);
  });
});
