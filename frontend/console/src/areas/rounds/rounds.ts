/** What the screens of rounds share: their answers by name, and what a state means for those who work on it. */

import type { Schemas } from "@gongyi/shared/api/client";

import { shallowRef } from "vue";

import { answer, api, everything, useAnswer } from "../../act";
import { language, type Translate } from "../../i18n";
import { covers, division, may, me } from "../../me";

export type Round = Schemas["RoundOut"];
export type Listed = Schemas["ListedProject"];
export type Check = Schemas["CheckOut"];
export type Shares = Schemas["KeySharesOut"];
type Tone = "ok" | "now" | "wait" | "bad" | "info" | "plain";

const path = (id: string) => ({ params: { path: { round_id: id } } });

/** Published rounds of the place, newest first. */
export const useRounds = () =>
  useAnswer(
    () => ["rounds", "list", division.value],
    () => everything((cursor) => answer(api.GET("/api/v1/rounds", { params: { query: { division: division.value, cursor, limit: 100 } } })), 400),
  );
/** Drafts one may see. */
export const useDrafts = () =>
  useAnswer(
    () => ["rounds", "drafts"],
    () => everything((cursor) => answer(api.GET("/api/v1/round-drafts", { params: { query: { cursor, limit: 100 } } })), 400),
    { when: () => may("round.list_drafts") },
  );
/** One round; asked for again as often as what was last seen of it says. */
export function useRound(id: string, every: (seen: Round | undefined) => number | false = () => false) {
  const seen = shallowRef<Round>();
  return useAnswer(["rounds", id], async () => (seen.value = await answer(api.GET("/api/v1/rounds/{round_id}", path(id)))), { every: () => every(seen.value) });
}
export const useProjects = (id: string) =>
  useAnswer(["rounds", id, "projects"], async () => (await answer(api.GET("/api/v1/rounds/{round_id}/projects", path(id)))).items);
export const useCheck = (id: string, when?: () => boolean) =>
  useAnswer(["rounds", id, "check"], () => answer(api.GET("/api/v1/rounds/{round_id}/check", path(id))), {
    when: () => may("round.check") && (when?.() ?? true),
  });
export const useShares = (id: string, when: () => boolean) =>
  useAnswer(["rounds", id, "shares"], () => answer(api.GET("/api/v1/rounds/{round_id}/key-shares", path(id))), {
    when: () => may("key_share.list") && when(),
  });

/** Whether somebody may do this in the round's own division; the service has the last word. */
export function mayHere(round: Round, ...verbs: string[]): boolean {
  return may(...verbs) && (me.value?.grants ?? []).some((grant) => covers(grant.division, round.division_code));
}

export function toneOf(round: Round): Tone {
  if (round.status === "draft") return round.proposed ? "wait" : "plain";
  const tones: Partial<Record<Round["status"], Tone>> = { published: "info", open: "ok", announced: "info", certified: "ok", void: "bad", cancelled: "bad" };
  return tones[round.status] ?? "wait";
}

/** The common word for where it stands. */
export const stateKey = (round: Round): string => (round.status === "draft" && round.proposed ? "state_awaiting_approval" : `state_${round.status}`);

export const GROUPS = ["drafts", "coming", "open", "counting", "result", "over"] as const;
const GROUP_OF: Record<Round["status"], (typeof GROUPS)[number]> = {
  draft: "drafts", published: "coming", open: "open", closed: "counting", unsealed: "counting", counted: "counting",
  announced: "result", certified: "over", void: "over", cancelled: "over",
};
export const groupOf = (round: Round): (typeof GROUPS)[number] => GROUP_OF[round.status];

/** The life of a round in one line, for `Chain`. */
export function stepsOf(round: Round): { key: string; at: string | null; state: "done" | "now" | "late" | "coming" }[] {
  const reached: Record<Round["status"], number> = { draft: 0, published: 1, open: 2, closed: 3, unsealed: 3, counted: 3, announced: 4, certified: 6, void: -1, cancelled: -1 };
  const at = reached[round.status];
  const late = round.status === "closed" && round.closed_at !== null && Date.now() - Date.parse(round.closed_at) > 3 * 86_400_000;
  return [
    { key: "draft", at: null },
    { key: "published", at: round.published_at },
    { key: "open", at: round.opened_at ?? round.opens_at },
    { key: "closed", at: round.closed_at ?? round.closes_at },
    { key: "announced", at: null },
    { key: "certified", at: null },
  ].map((step, index) => ({ ...step, state: index < at ? "done" : index === at ? (late ? "late" : "now") : "coming" }));
}

export interface Tied {
  groups: string[][];
  forced: string[];
}

/** The exclusive groups and what is forced in, out of a list as it is read. */
export function tied(projects: readonly Listed[]): Tied {
  const groups = new Map<number, string[]>();
  for (const each of projects) {
    if (each.exclusive_group !== null) groups.set(each.exclusive_group, [...(groups.get(each.exclusive_group) ?? []), each.project_id]);
  }
  return { groups: [...groups.values()].filter((group) => group.length > 1), forced: projects.filter((each) => each.forced_in).map((each) => each.project_id) };
}

const BEIJING_HOURS = 8;
/** An instant as `datetime-local` wants it, in Beijing time. */
export function local(text: string): string {
  return new Date(Date.parse(text) + BEIJING_HOURS * 3_600_000).toISOString().slice(0, 16);
}
/** What stands in a `datetime-local`, as an instant. */
export const instant = (typed: string): string => `${typed}:00+08:00`;
/** A day of Beijing so many days from now, at an hour. */
export function inDays(days: number, hour: number): string {
  return `${local(new Date(Date.now() + days * 86_400_000).toISOString()).slice(0, 10)}T${String(hour).padStart(2, "0")}:00`;
}

/** By which door a ballot came, in the order of the legend and its colours. */
export const CHANNELS = ["own", "with_code", "assisted", "on_paper"] as const;

const NAMED = 3;
/** Who may approve what somebody proposes who chairs the committee, or does not: their office, and some by name. */
export function approverWords(t: Translate, check: Check, chairs: boolean): string {
  const names = check.approvers.slice(0, NAMED).join(language.value === "en" ? ", " : "、");
  const office = chairs ? "approver_staff" : "approver_chair";
  return names === "" ? t(office) : t(`${office}_named`, { names });
}

export interface Mark {
  tone: Tone;
  words: string;
  facts: Readonly<Record<string, string>>;
}
const OVER: readonly Round["status"][] = ["certified", "void", "cancelled"];
const WON: Partial<Record<Schemas["RequestState"], string>> = { approved: "mark_funded", approved_in_part: "mark_funded", go_ahead: "mark_funded", reserve: "", declined: "" };

/** What projects of the place are in now, by project: funded or asked for, in another vote, in another draft. */
export const useMarks = (own: string | null) =>
  useAnswer(
    () => ["rounds", "marks", division.value, own ?? ""],
    async (): Promise<Map<string, Mark>> => {
      const query = { division: division.value, limit: 100 };
      const [rounds, drafts, requests] = await Promise.all([
        everything((cursor) => answer(api.GET("/api/v1/rounds", { params: { query: { ...query, cursor } } })), 400),
        may("round.list_drafts") ? everything((cursor) => answer(api.GET("/api/v1/round-drafts", { params: { query: { cursor, limit: 100 } } })), 400) : [],
        may("request.list") ? everything((cursor) => answer(api.GET("/api/v1/funding-requests", { params: { query: { ...query, cursor } } })), 1000) : [],
      ]);
      const marks = new Map<string, Mark>();
      // the weakest first: what comes later takes its place
      const others = [...drafts, ...rounds].filter((round) => round.id !== own && !round.recorded && !OVER.includes(round.status));
      const lists = await Promise.all(others.map(async (round) => (await answer(api.GET("/api/v1/rounds/{round_id}/projects", path(round.id)))).items));
      others.forEach((round, at) => {
        for (const each of lists[at] ?? []) marks.set(each.project_id, { tone: round.status === "draft" ? "plain" : "wait", words: `mark_${groupOf(round)}`, facts: { title: round.title } });
      });
      for (const request of requests) {
        const words = WON[request.state] ?? "mark_won";
        if (words !== "") marks.set(request.project_id, { tone: "ok", words, facts: {} });
      }
      return marks;
    },
  );
