/** What a household is told of its case: where it stands, what comes next, what has happened. */

import type { Schemas } from "@gongyi/shared/api/client";

import { day, language, moment, money, type Translate } from "../../i18n";
import type { TimelineStep } from "../../parts/Timeline.vue";

export type Case = Schemas["MyObjection"];
export type Entry = Case["entries"][number];
export type Costs = NonNullable<Entry["costs"]>;

const OPEN = new Set(["filed", "assigned", "maintained"]);
export const isOpen = (objection: Case): boolean => OPEN.has(objection.state);

const CHINESE = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
/** 方案二, Offer 2. */
export function offerName(number: number, t: Translate): string {
  return t("offer", { number: language.value === "en" ? number : (CHINESE[number] ?? number) });
}

/** The last offer, while the household has said nothing to it. */
export function waitingOffer(objection: Case): Case["offers"][number] | null {
  const last = objection.offers[objection.offers.length - 1];
  if (last === undefined || !objection.can.includes("settle")) return null;
  const at = objection.entries.findIndex((entry) => entry.offer === last.number);
  return objection.entries.slice(at + 1).some((entry) => entry.by_objector && entry.kind !== "complaint") ? null : last;
}

/** How a case is called in a list: word and tone. */
export function standing(objection: Case): { key: string; tone: "wait" | "info" | "off" | "" } {
  switch (objection.state) {
    case "filed":
      return { key: "state_filed", tone: "info" };
    case "assigned":
      return { key: "state_assigned", tone: "wait" };
    case "maintained":
      return { key: "state_maintained", tone: "wait" };
    case "settled":
      return { key: "state_settled", tone: "" };
    default:
      return { key: "state_withdrawn", tone: "off" };
  }
}

/** What is waited for, and by whom. */
export function next(objection: Case, t: Translate, now: number = Date.now()): TimelineStep[] {
  const due = objection.deadlines;
  const steps: TimelineStep[] = [];
  const step = (key: string, title: string, line: string, state: TimelineStep["state"] = "now"): void => {
    steps.push({ key, title, state, lines: line === "" ? [] : [line] });
  };
  const offer = waitingOffer(objection);
  if (offer !== null) {
    step("answer", t("next_answer"), t("next_answer_line", { day: day(offer.stands_until) }));
  } else if (objection.state === "filed") {
    if (due.acknowledged_at === null) {
      const late = Date.parse(due.acknowledge_by) < now;
      step("seen", t("next_seen"), t(late ? "next_seen_late" : "next_seen_line", { day: day(due.acknowledge_by) }), late ? "late" : "now");
    } else {
      step("mediator", t("next_mediator"), "");
    }
  } else if (isOpen(objection) && due.mediate_by !== null) {
    const talked = objection.entries.some((entry) => ["session", "contact", "offer", "response"].includes(entry.kind));
    const calm = Date.parse(objection.peace.contact_from) > now;
    const line = calm ? t("next_contact_line", { at: moment(objection.peace.contact_from) }) : t("next_normally", { day: day(due.mediate_by) });
    step("talk", t(talked ? "next_talk" : "next_contact"), line);
  } else if (objection.state === "maintained") {
    step("kept", t("next_kept"), t("next_kept_line"));
  }
  if (objection.volunteer?.state === "proposed") step("volunteer", t("next_volunteer"), t("next_volunteer_line", { ...objection.volunteer }));
  if (objection.meeting_at) step("meeting", t("next_meeting"), moment(objection.meeting_at));
  if (due.reply_by !== null) step("reply", t("next_reply"), t("next_reply_line", { day: day(due.reply_by) }), Date.parse(due.reply_by) < now ? "late" : "now");
  if (objection.state === "withdrawn" && due.return_until !== null && Date.parse(due.return_until) > now) {
    step("return", t("next_return"), t("next_return_line", { at: moment(due.return_until) }));
  }
  return steps;
}

/** What has happened, the first thing first; the reasons stand above and are not said again. */
export function history(objection: Case, t: Translate): TimelineStep[] {
  const done = (key: string, title: string, at: string, text: string): TimelineStep => ({
    key, title, state: "done", lines: [day(at), ...text.split("\n").filter((line) => line.trim() !== "")],
  });
  const told = objection.entries
    .filter((entry) => entry.kind !== "effect" && entry.kind !== "wish")
    .map((entry, at) => ({ at: entry.at, step: done(`${at}`, titleOf(entry, t), entry.at, textOf(objection, entry, t)) }));
  const seen = objection.deadlines.acknowledged_at;
  if (seen !== null) told.push({ at: seen, step: done("seen", t("did_acknowledged"), seen, "") });
  // what happened in one moment keeps its order: an officer looks, and then gives the case to somebody
  const rank = (each: (typeof told)[number]): number => (each.step.key === "seen" ? 0 : 1);
  return told.sort((one, other) => Date.parse(one.at) - Date.parse(other.at) || rank(one) - rank(other)).map((each) => each.step);
}

function titleOf(entry: Entry, t: Translate): string {
  if (entry.kind === "contact") return t(`did_contact_${entry.channel ?? "visit"}`);
  return entry.offer === null ? t(`did_${entry.kind}`) : offerName(entry.offer, t);
}

function textOf(objection: Case, entry: Entry, t: Translate): string {
  if (entry.kind === "grounds") return "";
  if (entry.kind === "assigned" && Date.parse(entry.at) < Date.parse(objection.peace.contact_from)) {
    return t("calm_line", { day: day(objection.peace.contact_from) });
  }
  return entry.meets_at === null ? entry.text : `${moment(entry.meets_at)}\n${entry.text}`;
}

/** 增加 2.1 万元, 21,000 yuan more. */
export function difference(costs: Costs, t: Translate): string {
  if (costs.after_fen === costs.before_fen) return t("cost_same");
  return t(costs.after_fen > costs.before_fen ? "cost_more" : "cost_less", { money: money(Math.abs(costs.after_fen - costs.before_fen)) });
}

/** What a way out is called: a volunteer who takes part is thanked, one who was proposed is declined. */
export function wayOf(act: string, objection: Case): string {
  return act === "decline_volunteer" && objection.volunteer?.state === "accepted" ? "way_end_volunteer" : `way_${act}`;
}
