// What the service signs, hashes and proves, as scripts/evidence_vectors.py wrote it.

import type { Growth, SignedEvent, SignedHead } from "../src/evidence/board";
import type { Inclusion } from "../src/evidence/envelope";
import found from "./vectors.json";

interface Vectors {
  canonical: { value: unknown; bytes: string }[];
  merkle: { size: number; root: string; inclusion: string[][]; consistency: { earlier: number; earlier_root: string; path: string[] }[] }[];
  trackers: { round_id: string; secret: string; nonce: string; tracker: string }[];
  signatures: { key: string; message: string; signature: string }[];
  tags: { round_id: string; entry_id: string; tag: string }[];
  fates: { paper: string; envelopes: string[]; set_aside: string[]; answers: { receipt: unknown; answer: string }[] }[];
  round: {
    round_id: string;
    paper: string;
    board: { signed_with: string; entries: SignedEvent[]; head: SignedHead };
    heads: SignedHead[];
    growth: Growth;
    receipt: Record<string, unknown>;
    ranking: string[];
    titles: Record<string, string>;
    tracker: string;
    inclusion: Inclusion;
    ballots_pb: string;
    twins_pb: string;
    bundle: string;
    lost: string;
  };
}

export const vectors = found as unknown as Vectors;

/** Bytes in pieces of a size: how a network hands them over. */
export function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Bytes as standard base64, by the platform's own means. */
export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** Where an ASCII or Chinese text stands among bytes; -1 where it does not. */
export function placeOf(text: string, bytes: Uint8Array): number {
  const wanted = new TextEncoder().encode(text);
  return bytes.findIndex((_, at) => wanted.every((byte, offset) => bytes[at + offset] === byte));
}
