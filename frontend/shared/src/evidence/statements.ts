/** What the service signs, byte for byte (docs/api.md): envelopes, events of the board, heads over it. */

import { sha256 } from "@noble/hashes/sha2.js";

import { hex, idBytes, joined, utf8 } from "./bytes";
import { canonicalJson, type Plain } from "./canonical";

/** What identifies a version of a ballot; no hash where it was withdrawn. */
export interface EnvelopeName {
  round_id: string;
  entry_id: string;
  version: number;
  envelope_hash: string | null;
}

export function envelopeStatement({ round_id, entry_id, version, envelope_hash }: EnvelopeName): Uint8Array {
  return canonicalJson({ purpose: "gongyi envelope v1", round_id, entry_id, version, envelope_hash });
}

export interface BoardEvent {
  position: number;
  kind: string;
  body: { readonly [key: string]: unknown };
}

export function eventStatement(roundId: string, { position, kind, body }: BoardEvent): Uint8Array {
  return canonicalJson({ purpose: "gongyi board v1", round_id: roundId, position, kind, body: body as Plain });
}

export interface HeadFacts {
  size: number;
  root: string;
  /** UTC, whole seconds, as it was signed. */
  at: string;
}

export function headStatement(roundId: string, { size, root, at }: HeadFacts): Uint8Array {
  return canonicalJson({ purpose: "gongyi board head v1", round_id: roundId, size, root, at });
}

/** What stands for an entry of the roll in the public lists of envelopes; only staff and the holder of its receipt know whose. */
export function entryTag({ round_id, entry_id }: Pick<EnvelopeName, "round_id" | "entry_id">): string {
  return hex(sha256(joined(utf8("gongyi entry v1\0"), idBytes(round_id), idBytes(entry_id)))).slice(0, 32);
}
