/** All steps in one word: what stands at the top of the page. */

import type { State, Step } from "./useCheck";

export type Verdict =
  | "running" | "differs" | "look" | "nothing"
  /** The round has not begun; it was cancelled, or is void. */
  | "before" | "ended"
  /** The line on the public list says what this phone sent. */
  | "counted" | "counted_first_three"
  /** A line was found, whether it is the right one is for the reader to say. */
  | "found"
  /** In the box at closing; few ballots, so that there is no list. */
  | "in_box_only"
  /** In the box at closing; no result yet. */
  | "in_box"
  | "withdrawn"
  /** The box has closed, and its fingerprint is not public yet. */
  | "closing"
  | "so_far";

export function verdictOf(state: State, hasSubject: boolean): Verdict {
  const step = (key: Step["key"]): Step | undefined => state.steps.find((each) => each.key === key);
  const any = (mark: Step["mark"]): boolean => state.steps.some((each) => each.mark === mark);
  if (any("differs")) return "differs";
  if (state.busy) return "running";
  if (state.stage === "before" || state.stage === "ended") return state.stage;
  if (!hasSubject) return "nothing";
  const ranking = step("ranking");
  if (ranking?.said === "by_eye" || (ranking === undefined && step("line")?.mark === "fits")) return "found";
  if (any("look")) return "look";
  if (ranking?.mark === "fits") return ranking.said === "first_three" ? "counted_first_three" : "counted";
  if (step("list")?.said === "aggregates" && step("closing") !== undefined) return "in_box_only";
  if (step("closing")?.said === "withdrawn" || step("box")?.said === "withdrawn") return "withdrawn";
  if (step("closing") === undefined) return "so_far";
  return step("closing")?.mark === "fits" ? "in_box" : "closing";
}
