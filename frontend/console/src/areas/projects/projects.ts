/** Projects as the desk handles them: their words in a form, and how states are said. */

import type { Schemas } from "@gongyi/shared/api/client";

export type Project = Schemas["ProjectOut"];
export type Detail = Schemas["ProjectDetail"];
export type State = Schemas["ProjectState"];

export const CATEGORIES: readonly Schemas["Category"][] = [
  "roads", "sewage", "lighting_safety", "renovation", "accessibility", "green_space", "children", "elder_care", "culture", "other",
];
export const DELIVERIES: readonly Schemas["DeliveryKind"][] = ["infrastructure", "service", "activity"];
export const COSTS: readonly Schemas["CostKind"][] = ["works", "goods", "staff", "venue", "other"];
export const STATES: readonly State[] = ["draft", "published", "listed", "rejected", "withdrawn"];
/** Why a project or an idea is not taken up; the first three are the negative list of local fund rules. */
export const REFUSALS: readonly Schemas["RejectionCode"][] = [
  "private_benefit", "somebody_else_liable", "government_duty", "infringes_rights", "duplicate", "not_feasible", "other",
];

export interface Item {
  kind: Schemas["CostKind"];
  description: string;
  amount_fen: number | null;
}
/** What a project says, while it is being written. */
export interface Draft {
  title: string;
  description: string;
  category: Schemas["Category"];
  place: string;
  delivery_kind: Schemas["DeliveryKind"];
  cost_items: Item[];
  building_ids: string[];
}

export const blank = (): Draft => ({
  title: "", description: "", category: "other", place: "", delivery_kind: "infrastructure",
  cost_items: [{ kind: "works", description: "", amount_fen: null }], building_ids: [],
});

export const draftOf = (project: Project): Draft => ({
  title: project.title, description: project.description, category: project.category, place: project.place,
  delivery_kind: project.delivery_kind, cost_items: project.cost_items.map((each) => ({ ...each })), building_ids: [...project.building_ids],
});

/** The sum of what has an amount. */
export const total = (items: readonly Item[]): number => items.reduce((sum, each) => sum + (each.amount_fen ?? 0), 0);

/** What the service takes; null while something is missing. */
export function finished(draft: Draft): Schemas["ProjectWords"] | null {
  const items = draft.cost_items.filter((each) => each.amount_fen !== null || each.description.trim() !== "");
  if (draft.title.trim() === "" || items.length === 0) return null;
  const whole: Schemas["CostItemIn"][] = [];
  for (const { kind, description, amount_fen } of items) {
    if (amount_fen === null || amount_fen < 1) return null;
    whole.push({ kind, description: description.trim() || draft.title.trim(), amount_fen });
  }
  return { ...draft, title: draft.title.trim(), place: draft.place.trim(), cost_items: whole };
}

export function toneOf(state: State): "ok" | "now" | "wait" | "bad" | "plain" {
  return ({ draft: "wait", published: "ok", listed: "now", rejected: "bad", withdrawn: "plain" } as const)[state];
}

/** Words and costs may still change. */
export const isOpen = (state: State): boolean => state === "draft" || state === "published";
