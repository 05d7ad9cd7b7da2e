/** Whether an envelope was in force when the box was closed, and if not, what became of it; the answers of `gongyi verify --receipt`. */

import { unhex, utf8 } from "./bytes";
import { includes } from "./merkle";
import { entryTag, type EnvelopeName } from "./statements";

export interface Inclusion {
  index: number;
  size: number;
  root: string;
  /** The line as it stands in the tree: hash, tag, version. */
  leaf: string;
  path: readonly string[];
}

/** Whether a proof shows that exactly this version of this ballot was in the box, whose root and size the board says. */
export function wasInBox(receipt: EnvelopeName, proof: Inclusion, closed: { root: string; size: number }): boolean {
  if (proof.size !== closed.size || proof.leaf !== `${receipt.envelope_hash} ${entryTag(receipt)} ${receipt.version}`) return false;
  try {
    return includes({
      root: unhex(closed.root),
      size: closed.size,
      index: proof.index,
      leaf: utf8(proof.leaf),
      path: proof.path.map(unhex),
    });
  } catch {
    return false;
  }
}

export type Fate =
  | { kind: "final" }
  /** A later version is in the final set. */
  | { kind: "superseded"; by: number }
  /** The voter signed in for a sheet of paper, which counts instead. */
  | { kind: "paper" }
  | { kind: "withdrawn" }
  /** Nothing accounts for a ballot that was taken: the receipt is evidence. */
  | { kind: "unknown" };

/** Reads the two lists of a closed box line by line, and says in the end what became of the ballot of a receipt. */
export class FateSearch {
  private readonly tag: string;
  private readonly withdrawnFrom: number;
  private readonly paperFrom: number | null;
  private found: Fate | null = null;

  /** `paper` is the round's setting, as it was frozen. */
  constructor(private readonly receipt: EnvelopeName, paper: string) {
    this.tag = entryTag(receipt);
    this.withdrawnFrom = receipt.version + (receipt.envelope_hash === null ? 0 : 1); // a withdrawal raises the version
    // where what came first counts, who has a ballot in force gets no sheet: it was withdrawn before
    this.paperFrom = paper === "first_wins" ? this.withdrawnFrom : paper === "paper_wins" ? receipt.version : null;
  }

  /** A line of `envelopes.txt`. */
  envelope(line: string): void {
    const [inside, tag, number] = line.split(" ");
    if (this.found !== null || tag !== this.tag) return;
    const version = Number(number);
    if (inside === this.receipt.envelope_hash && version === this.receipt.version) this.found = { kind: "final" };
    else if (version > this.receipt.version) this.found = { kind: "superseded", by: version };
  }

  /** A line of `set_aside.txt`. */
  setAside(line: string): void {
    const [tag, number, why] = line.split(" ");
    if (this.found !== null || tag !== this.tag) return;
    const version = Number(number);
    if (why === "paper" && this.paperFrom !== null && version >= this.paperFrom) this.found = { kind: "paper" };
    else if (why === "withdrawn" && version >= this.withdrawnFrom) this.found = { kind: "withdrawn" };
  }

  /** After the last line of both. */
  answer(): Fate {
    return this.found ?? { kind: "unknown" };
  }
}
