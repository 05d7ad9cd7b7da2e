/** A project's story as the steps of a timeline. */

import type { Schemas } from "@gongyi/shared/api/client";

import { day, type Translate } from "../../i18n";
import type { TimelineStep } from "../../parts/Timeline.vue";

const TO: Readonly<Record<Schemas["TimelineStep"]["links"][number]["kind"], (link: Schemas["TimelineStep"]["links"][number]) => string>> = {
  minutes: (link) => `#/meeting/${link.id}?version=${link.version}`,
  meeting: (link) => `#/meeting/${link.id}`,
  idea: (link) => `#/idea/${link.id}`,
  round: (link) => `#/round/${link.id}`,
  result: (link) => `#/result/${link.id}`,
};

function when(step: Schemas["TimelineStep"], t: Translate): string {
  if (step.at === null) return step.waiting_since === null ? "" : t("since", { day: day(step.waiting_since) });
  if (step.until === null) return day(step.at);
  return t("from_to", { from: day(step.at), to: day(step.until) });
}

const link = (each: Schemas["TimelineStep"]["links"][number], t: Translate) => ({
  to: TO[each.kind](each),
  words: t("link_" + each.kind, { title: each.title, version: each.version }),
});

export function stepsOf(story: Schemas["TimelineOut"], t: Translate): TimelineStep[] {
  return story.items.map((step, at) => {
    const objections = step.code === "notice" && story.objections !== null ? story.objections.words : "";
    return {
      key: `${step.code}.${at}`,
      title: step.title,
      state: step.late_since !== null ? "late" : step.state === "ended" ? "done" : step.state,
      lines: [
        [when(step, t), step.who].filter(Boolean).join(" · "),
        step.detail,
        objections,
        step.waiting ?? "",
        // a count's reason says already whether it is in
        step.reason === null || step.code === "placed" || step.code === "not_placed" ? (step.reason ?? "") : t("reason", { reason: step.reason }),
      ].filter((line) => line !== ""),
      links: step.links.map((each) => link(each, t)),
    };
  });
}

/** What raised a project, if it can be opened. */
export function originOf(story: Schemas["TimelineOut"], t: Translate): { words: string; link: { to: string; words: string } | null } {
  const step = story.items[0]!;
  const [document] = step.links;
  return { words: step.title, link: document === undefined ? null : link(document, t) };
}
