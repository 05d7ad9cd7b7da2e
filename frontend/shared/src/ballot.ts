/** A ballot on this phone: the draft, what still has to be sent, the receipt. */

import { onDelivered, pack, parcels, type Parcel } from "./outbox";
import { fit, type Ranking, same } from "./ranking";
import { keys, load, randomHex, save } from "./store";

export const BALLOT = "ballot";

/** What the service signed, with what only this phone knows: the secret, and what was ranked. */
export interface KeptReceipt {
  round_id: string;
  version: number;
  withdrawn?: boolean;
  envelope_hash?: string | null;
  nonce?: string | null;
  secret: string;
  ranking: string[];
  [fact: string]: unknown;
}

/** The draft, kept at every tap; where there is none, what was cast last. */
export function draft(roundId: string, ids: readonly string[], most: number): Ranking {
  return fit(load<string[] | null>(`draft.${roundId}`, null) ?? receipt(roundId)?.ranking ?? [], ids, most);
}

export function keepDraft(roundId: string, ranking: Ranking): boolean {
  return save(`draft.${roundId}`, ranking);
}

/** This phone's seed for the order of a list. */
export function seedOf(roundId: string): number {
  let seed = load<number | null>(`shuffle.${roundId}`, null);
  if (seed === null) {
    seed = parseInt(randomHex(4), 16);
    save(`shuffle.${roundId}`, seed);
  }
  return seed;
}

export const receipt = (roundId: string): KeptReceipt | null => load<KeptReceipt | null>(`receipt.${roundId}`, null);
export const keepReceipt = (roundId: string, value: KeptReceipt | null): boolean => save(`receipt.${roundId}`, value);
/** Rounds of which this phone has a receipt. */
export const receipts = (): string[] => keys("receipt.").map((key) => key.slice("receipt.".length));

/** The ballot of a round that waits for a line, or was refused. */
export const waiting = (roundId: string): Parcel | null => parcels(BALLOT).find((each) => each.subject === roundId) ?? null;

/** The parcel that casts `ranking`: the one that waits already if it says the same, so that a repeated tap is one ballot. */
export function seal(roundId: string, ranking: Ranking): Parcel {
  for (const before of parcels(BALLOT).filter((each) => each.subject === roundId)) {
    const body = before.body as { ranking: string[] };
    if (before.problem === undefined && same(body.ranking, ranking)) return before;
    save(`outbox.${before.id}`, null);
  }
  return pack({
    kind: BALLOT,
    method: "PUT",
    path: `/api/v1/rounds/${roundId}/my-ballot`,
    body: { ranking: [...ranking], secret: randomHex(16) },
    subject: roundId,
  });
}

onDelivered(BALLOT, (parcel, answer) => {
  const body = parcel.body as { ranking: string[]; secret: string };
  save(`draft.${parcel.subject}`, null);
  keepReceipt(parcel.subject, { ...(answer as KeptReceipt), secret: body.secret, ranking: body.ranking });
});
