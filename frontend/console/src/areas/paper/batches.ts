/** How far a batch is, in a word and a colour. */

import type { Schemas } from "@gongyi/shared/api/client";

export type Batch = Schemas["PaperBatchOut"];
export type Tone = "ok" | "now" | "wait" | "bad" | "plain";

/** Where a batch stands; `round` is the state of its round. */
export function standing(batch: Batch, round: string): { word: string; tone: Tone } {
  if (batch.merged_into !== null) return { word: "merged", tone: "plain" };
  if (batch.set_aside) return { word: "set_aside", tone: "bad" };
  if (batch.set_aside_proposed) return { word: "set_aside_proposed", tone: "wait" };
  const first = batch.unfinished[0];
  if (first === undefined) return { word: "finished", tone: "ok" };
  if (first === "not_returned") return round === "open" ? { word: "out", tone: "now" } : round === "published" ? { word: "made", tone: "plain" } : { word: "not_returned", tone: "wait" };
  if (first === "does_not_add_up") return { word: "does_not_add_up", tone: "bad" };
  if (first === "too_small") return { word: "too_small", tone: "wait" };
  return batch.keyed === 0 ? { word: "to_key", tone: "wait" } : { word: "being_keyed", tone: "now" };
}

/** Whether it stands for itself. */
export const inForce = (batch: Batch): boolean => batch.merged_into === null && !batch.set_aside;
/** Whether its sheets can be keyed, in a round that is closed. */
export const canBeKeyed = (batch: Batch): boolean => inForce(batch) && batch.used !== null && !batch.unfinished.includes("too_small");
/** Whether each sheet of the urn was keyed by somebody: what is left is to compare. */
export const allKeyed = (batch: Batch): boolean => batch.used !== null && batch.keyed === batch.used;
