/** Ideas and comments as the desk handles them. */

import type { Schemas } from "@gongyi/shared/api/client";

import type { Translate } from "../../i18n";

export type Idea = Schemas["IdeaOut"];
export type Detail = Schemas["IdeaDetail"];

/** The queues of the desk, in the order they are worked off. */
export const QUEUES = ["held", "screening", "open", "taken_up", "declined", "rejected"] as const;
export type Queue = (typeof QUEUES)[number];

export const CHECKS: readonly Schemas["Check"][] = ["feasible", "lawful", "cost", "duplicate"];
export const FINDINGS: readonly Schemas["CheckFinding"][] = ["fine", "unsure", "fails"];

export function toneOf(state: string): "ok" | "now" | "wait" | "bad" | "plain" {
  return state === "held" || state === "screening" ? "wait" : state === "open" ? "now" : state === "taken_up" || state === "published" ? "ok" : state === "declined" || state === "rejected" || state === "hidden" ? "bad" : "plain";
}

/** How authors stand under their words: 3栋居民、一位居民; never by name. */
export const bylines = (authors: readonly Schemas["AuthorOut"][], t: Translate): string =>
  authors.map((each) => (each.byline === "building" && each.building ? t("by_building", { building: each.building }) : t(`by_${each.byline}`))).join(t("and"));
