/** What the parts of a result share. */

import type { Schemas } from "@gongyi/shared/api/client";
import type { QueryKey, UseQueryReturnType } from "@tanstack/vue-query";
import { type MaybeRefOrGetter, ref, watchEffect } from "vue";

import { useAnswer } from "../../act";
import { covers, may, me } from "../../me";

export type Result = Schemas["ResultOut"];
export type Project = Schemas["ProjectResult"];
export type Explained = Schemas["ExplanationOut"];
export type Closeness = Schemas["ProjectExplanationOut"];
export type Comparison = Schemas["RuleComparisonOut"];

const AGAIN_MS = 3000;

/** Figures that are worked out after the announcement: asked for again until they are there. */
export function useFigures<T extends { state: string }>(name: QueryKey, ask: () => Promise<T>, when: MaybeRefOrGetter<boolean> = true): UseQueryReturnType<T, Error> {
  const every = ref<number | false>(false);
  const found = useAnswer(name, ask, { when, every });
  watchEffect(() => {
    every.value = ["waiting", "running"].includes(found.data.value?.state ?? "") ? AGAIN_MS : false;
  });
  return found;
}

/** Whether somebody may do this where the round is: results are read by everybody, the desk behind them is not. */
export const hereMay = (round: Schemas["RoundOut"] | undefined, ...verbs: string[]): boolean =>
  round !== undefined && may(...verbs) && (me.value?.grants ?? []).some((grant) => covers(grant.division, round.division_code));

/** Thousandths as percent: 712 -> 71.2%. */
export const part = (thousandths: number): string => `${Math.round(thousandths) / 10}%`;

/** The project that came closest to being in: by what its backers could pay, else by the voters it misses. */
export function closest(result: Result, explained: Explained | undefined): { project: Project; how: Closeness } | null {
  if (explained === undefined) return null;
  const known = new Map(explained.projects.map((each) => [each.project_id, each]));
  const losers = result.projects
    .filter((each) => !each.funded && each.backers > 0)
    .flatMap((project) => {
      const how = known.get(project.project_id);
      return how === undefined ? [] : [{ project, how }];
    });
  losers.sort(
    (one, other) =>
      (other.how.effective_support ?? -1) - (one.how.effective_support ?? -1) ||
      (one.how.more_backers ?? Infinity) - (other.how.more_backers ?? Infinity) ||
      one.project.place - other.project.place,
  );
  return losers[0] ?? null;
}
