/** A receipt: the service's signature over the sealed ballot it took. */

import { idBytes, unhex } from "./bytes";
import { verifies } from "./signing";
import { envelopeStatement, type EnvelopeName } from "./statements";

export interface Receipt extends EnvelopeName {
  signature: string;
  /** With which key; a receipt from before this was noted has none. */
  signed_with: string | null;
  /** The service's half of the tracker. */
  nonce: string | null;
  /** The phone's half, where the receipt comes from the phone that voted. */
  secret: string | null;
  /** What the phone remembers having sent: ids, best first. Never part of what is signed. */
  ranking: readonly string[] | null;
}

/** A text is no receipt. */
export class NotAReceipt extends Error {}

/** Read a receipt from what a phone kept, a file or a pasted text holds; throws NotAReceipt. */
export function readReceipt(source: unknown): Receipt {
  const found = typeof source === "string" ? parsed(source) : source;
  if (typeof found !== "object" || found === null) throw new NotAReceipt("no receipt");
  const { round_id, entry_id, version, envelope_hash, signature, signed_with, nonce, secret, ranking } = found as Record<string, unknown>;
  const named = isId(round_id) && isId(entry_id) && Number.isSafeInteger(version) && (version as number) > 0;
  if (!named || !(envelope_hash === null || isDigest(envelope_hash, 64)) || typeof signature !== "string") {
    throw new NotAReceipt("no receipt");
  }
  return {
    round_id: round_id as string,
    entry_id: entry_id as string,
    version: version as number,
    envelope_hash,
    signature,
    signed_with: typeof signed_with === "string" ? signed_with : null,
    nonce: isDigest(nonce, 32) ? nonce : null,
    secret: isDigest(secret, 32) ? secret : null,
    ranking: Array.isArray(ranking) && ranking.every(isId) ? (ranking as string[]) : null,
  };
}

/** Whether the service whose key is given signed this receipt. */
export function isGenuine(receipt: Receipt, publicKey: string): boolean {
  return verifies(publicKey, receipt.signature, envelopeStatement(receipt));
}

/** What may be handed to somebody who supervises: it proves what was taken, and does not say how anybody voted. */
export function shareable(receipt: Receipt): string {
  const { round_id, entry_id, version, envelope_hash, signature, signed_with } = receipt;
  return JSON.stringify({ round_id, entry_id, version, envelope_hash, signature, signed_with });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotAReceipt("no JSON");
  }
}

function isId(value: unknown): value is string {
  return typeof value === "string" && holds(() => idBytes(value));
}

function isDigest(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length === length && holds(() => unhex(value));
}

function holds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
