/** What an idea says of itself, in words. */

import type { Schemas } from "@gongyi/shared/api/client";

import { day, type Translate } from "../../i18n";
import type { TimelineStep } from "../../parts/Timeline.vue";

export type Idea = Schemas["IdeaOut"];
export type State = Schemas["IdeaState"];
export type Author = Schemas["AuthorOut"];

/** 一位居民 · 3栋居民 · 已注销的居民; how many more after a merger. */
export function bylineOf(authors: readonly Author[], t: Translate): string {
  const first = authors[0];
  if (first === undefined) return t("by_resident");
  const name = t(`by_${first.byline}`, { building: first.building });
  return authors.length > 1 ? t("by_several", { name, count: authors.length }) : name;
}

export const toneOf = (state: State): string =>
  state === "screening" || state === "held" ? "wait" : state === "taken_up" || state === "open" ? "" : "off";

export const endorsable = (state: State): boolean => state === "open" || state === "screening";

/** Whether everybody can see it. */
export const shown = (state: State): boolean => !["held", "rejected", "withdrawn"].includes(state);

/** What was shown waits once more when a photo was added that nobody has looked at. */
const titleOf = (state: Schemas["IdeaState"], at: number): string => (at === 0 ? "step_posted" : state === "held" ? "step_photo" : `step_${state}`);

/** The steps an idea took, and the one that comes next. */
export function stepsOf(idea: Schemas["IdeaDetail"], t: Translate): TimelineStep[] {
  const last = idea.steps.length - 1;
  const steps: TimelineStep[] = idea.steps.map((step, at) => ({
    key: at,
    title: t(titleOf(step.state, at)),
    state: at === last && step.state === "screening" ? "now" : "done",
    lines: [
      day(step.at),
      ...(step.reason_code === null ? [] : [t(`reason_${step.reason_code}`)]),
      ...(step.reason === null ? [] : [step.reason]),
    ],
    links: step.state === "merged" && idea.merged_into_id !== null ? [{ to: `#/idea/${idea.merged_into_id}`, words: t("see_other") }] : [],
  }));
  if (idea.state === "open") {
    steps.push({ key: "collecting", title: t("step_collecting"), state: "now", lines: [t("needed", { count: idea.still_needed })] });
    steps.push({ key: "screening", title: t("step_screening"), state: "coming", lines: [] });
  }
  if (idea.state === "held") steps.push({ key: "looking", title: t("step_held"), state: "now", lines: [] });
  if (idea.state === "screening") steps.push({ key: "answer", title: t("step_answer"), state: "coming", lines: [] });
  if (idea.state === "taken_up") {
    steps.push(
      idea.project === null
        ? { key: "project", title: t("step_project"), state: "now", lines: [t("project_drafted")] }
        : { key: "project", title: t("step_project"), state: "done", lines: [], links: [{ to: `#/project/${idea.project.id}`, words: idea.project.title }] },
    );
  }
  return steps;
}
