/** The public board of a round: signed heads over a list of signed events that only grows. */

import { hex, unhex } from "./bytes";
import { consistent, merkleRoot } from "./merkle";
import { verifies } from "./signing";
import { eventStatement, headStatement, type BoardEvent, type HeadFacts } from "./statements";

export interface SignedEvent extends BoardEvent {
  signature: string;
}

export interface SignedHead extends HeadFacts {
  round_id: string;
  signature: string;
}

export interface Board {
  signed_with: string;
  entries: readonly SignedEvent[];
  head: SignedHead | null;
}

/** What a phone keeps of a board it has seen, to notice when something in it was changed later. */
export interface SeenBoard {
  signed_with: string;
  head: SignedHead;
}

export type BoardFault =
  /** The head is of another round, or was not signed with this key. */
  | "head_signature"
  /** The events shown are not those the head was signed over. */
  | "events";

/** What does not hold of a board; null when all of it does. Its head vouches for every event, so that one signature is enough. */
export function boardFault(board: Board, roundId: string): BoardFault | null {
  const { head } = board;
  if (head === null) return board.entries.length === 0 ? null : "head_signature";
  if (head.round_id !== roundId || !verifies(board.signed_with, head.signature, headStatement(roundId, head))) return "head_signature";
  if (head.size !== board.entries.length || board.entries.some((entry, at) => entry.position !== at + 1)) return "events";
  try {
    const root = merkleRoot(board.entries.map((entry) => eventStatement(roundId, entry)));
    return hex(root) === head.root ? null : "events";
  } catch {
    return "events"; // something in an event has no canonical spelling, so nobody can have signed it
  }
}

export interface Growth {
  earlier: number;
  size: number;
  earlier_root: string;
  root: string;
  path: readonly string[];
}

/** Whether a proof shows that a board as seen before only grew into the present one. */
export function grewFrom(seen: SeenBoard, board: Board & { head: SignedHead }, proof: Growth): boolean {
  try {
    return seen.signed_with === board.signed_with && consistent({
      earlierRoot: unhex(seen.head.root),
      earlier: seen.head.size,
      root: unhex(board.head.root),
      size: board.head.size,
      path: proof.path.map(unhex),
    });
  } catch {
    return false;
  }
}

/** What the one event of a kind says; null where there is none, or more than one. */
export function said(board: Board, kind: string): SignedEvent["body"] | null {
  const found = board.entries.filter((entry) => entry.kind === kind);
  return found.length === 1 ? (found[0] as SignedEvent).body : null;
}
