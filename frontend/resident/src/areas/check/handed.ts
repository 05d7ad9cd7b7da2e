/** A receipt on its way from one page to the next; in memory alone, so that somebody else's never stays on this phone. */

import type { Receipt } from "@gongyi/shared/evidence/receipt";

let held: Receipt | null = null;

export function hand(receipt: Receipt): void {
  held = receipt;
}

/** Take it, once, where it is of this round. */
export function taken(roundId: string): Receipt | null {
  const found = held?.round_id === roundId ? held : null;
  held = null;
  return found;
}
