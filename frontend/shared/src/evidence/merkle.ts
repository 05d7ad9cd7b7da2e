/** Merkle tree hash of an ordered list (RFC 6962, section 2.1), and the checks of proofs about it (RFC 9162, section 2.1). */

import { sha256 } from "@noble/hashes/sha2.js";

import { joined, same } from "./bytes";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of one entry; the first byte keeps leaves and nodes apart. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(joined(LEAF, leaf));
}

/** Hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(joined(NODE, left, right));
}

/** A list that is only ever added to: its root after each entry, in memory for as many hashes as its size has binary digits. */
export class GrowingTree {
  private readonly complete: { size: number; digest: Uint8Array }[] = [];
  private entries = 0;

  /** How many entries. */
  get size(): number {
    return this.entries;
  }

  /** Add an entry. */
  add(leaf: Uint8Array): void {
    let grown = { size: 1, digest: leafHash(leaf) };
    for (let last = this.complete[this.complete.length - 1]; last?.size === grown.size; last = this.complete[this.complete.length - 1]) {
      this.complete.pop();
      grown = { size: last.size + grown.size, digest: nodeHash(last.digest, grown.digest) };
    }
    this.complete.push(grown);
    this.entries += 1;
  }

  /** The tree hash of the entries so far. */
  root(): Uint8Array {
    let digest: Uint8Array | null = null;
    for (const { digest: left } of this.complete.slice().reverse()) digest = digest === null ? left : nodeHash(left, digest);
    return digest ?? sha256(new Uint8Array());
  }
}

/** The tree hash of the entries in order. */
export function merkleRoot(leaves: Iterable<Uint8Array>): Uint8Array {
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

export interface InclusionProof {
  root: Uint8Array;
  size: number;
  /** From 0. */
  index: number;
  leaf: Uint8Array;
  path: readonly Uint8Array[];
}

/** Whether a proof leads from an entry at its index to the root of a list of that size. */
export function includes({ root, size, index, leaf, path }: InclusionProof): boolean {
  if (!isCount(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let at = index;
  let last = size - 1;
  let digest = leafHash(leaf);
  for (const neighbour of path) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      digest = nodeHash(neighbour, digest);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      digest = nodeHash(digest, neighbour);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && same(digest, root);
}

export interface ConsistencyProof {
  earlierRoot: Uint8Array;
  earlier: number;
  root: Uint8Array;
  size: number;
  path: readonly Uint8Array[];
}

/** Whether a proof shows that a list of one size began with a shorter one: nothing was changed or taken away. */
export function consistent({ earlierRoot, earlier, root, size, path }: ConsistencyProof): boolean {
  if (!isCount(earlier) || !isCount(size)) return false;
  if (earlier === size) return path.length === 0 && same(earlierRoot, root);
  if (earlier < 1 || earlier > size || path.length === 0) return false;
  const whole = Number.isInteger(Math.log2(earlier));
  const steps = whole ? [earlierRoot, ...path] : path.slice();
  let at = earlier - 1;
  let last = size - 1;
  while (odd(at)) {
    at = half(at);
    last = half(last);
  }
  let before = steps[0] as Uint8Array;
  let after = before;
  for (const neighbour of steps.slice(1)) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      before = nodeHash(neighbour, before);
      after = nodeHash(neighbour, after);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      after = nodeHash(after, neighbour);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && same(before, earlierRoot) && same(after, root);
}

// not by bits: these would cut a size at 2^31
const odd = (number: number): boolean => number % 2 === 1;
const half = (number: number): number => Math.floor(number / 2);
const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
