/** What a case is called and what it says, for list, page and forms. */

import type { Schemas } from "@gongyi/shared/api/client";

import { moment, type Translate, yuan } from "../../i18n";

export type Line = Schemas["ObjectionCase"];
export type Case = Schemas["ObjectionFile"];
export type Entry = Case["entries"][number];
export type Costs = NonNullable<Entry["costs"]>;
export type Item = Case["cost_items"][number];
/** What a mediator or a volunteer can write down. */
export const KINDS = ["contact", "plan", "moved", "called_off", "session", "offer", "response", "note"] as const;
export type Kind = (typeof KINDS)[number];

export type Tone = "ok" | "now" | "wait" | "bad" | "info" | "plain";
const TONES: Record<Line["stage"], Tone> = { received: "wait", to_assign: "wait", to_contact: "wait", talking: "now", offered: "info", kept: "plain", ended: "ok" };
export const tone = (line: Line): Tone => (line.state === "withdrawn" ? "plain" : TONES[line.stage]);
/** An ended case says how it ended. */
export const standing = (line: Line): string => (line.stage === "ended" ? `state_${line.state}` : `stage_${line.stage}`);

export const open = (line: Line): boolean => line.stage !== "ended";

/** The last offer, with what the household has said since. */
export function lastOffer(found: Case): Entry | null {
  const offers = found.entries.filter((each) => each.offer !== null);
  return offers[offers.length - 1] ?? null;
}

/** The household's own words, the newest last; what it filed comes first. */
export const said = (found: Case, ...kinds: Entry["kind"][]): Entry[] => found.entries.filter((each) => kinds.includes(each.kind));

/** One entry's heading: who did what. */
export function heading(entry: Entry, t: Translate): string {
  if (entry.kind === "offer") return t("did_offer", { number: entry.offer });
  if (entry.kind === "contact") return t(`did_contact_${entry.channel ?? "visit"}`);
  return t(`did_${entry.kind}`);
}

/** What an entry says below its heading. */
export function lines(entry: Entry, t: Translate): string[] {
  const found = entry.text.split("\n").filter((line) => line.trim() !== "");
  return entry.meets_at === null ? found : [t(entry.kind === "session" ? "was_planned_for" : "meets_at", { at: moment(entry.meets_at) }), ...found];
}

/** A day and a time as an input of the browser says them, read as Beijing's, which is the only zone here. */
export function inBeijing(local: string): string {
  return `${local}:00+08:00`;
}

/** How much dearer or cheaper it becomes, in words. */
export function difference(before: number, after: number, t: Translate): string {
  if (before === after) return t("same");
  return t(after > before ? "more" : "less", { yuan: yuan(Math.abs(after - before)) });
}
