/** Requests as the desk speaks of them: whose turn it is, how long still, what each side pays. */

import type { Schemas } from "@gongyi/shared/api/client";

import type { Translate } from "../../i18n";

export type Line = Schemas["RequestLine"];
export type Detail = Schemas["RequestDetail"];
export type Step = NonNullable<Line["step"]>;
export type Decision = Detail["open_decisions"][number];
export type Tone = "ok" | "now" | "wait" | "bad" | "plain";

/** Those who decide, in order; the committee comes in between. */
export const STEPS: readonly Step[] = ["subdistrict", "district", "bureau", "finance", "go_ahead"];
/** The division of what applies where nobody has set a policy. */
export const COUNTRY = "000000000000";
const DAY = 86_400_000;

/** Where a request stands, by word and tone. */
export function standing(row: Line, t: Translate): { words: string; tone: Tone } {
  if (row.state === "returned") return { words: t("to_correct"), tone: row.overdue ? "bad" : "wait" };
  if (row.step === "committee") return { words: t("to_answer"), tone: row.overdue ? "bad" : "wait" };
  if (row.step !== null) return { words: t("at_" + row.step), tone: row.overdue ? "bad" : "now" };
  if (row.state === "deferred") return { words: t("put_off_to", { year: row.deferred_to }), tone: "wait" };
  if (row.state === "declined") return { words: t("req_declined"), tone: "bad" };
  if (row.state === "reserve") return { words: t("req_reserve"), tone: "plain" };
  return { words: t("released"), tone: "ok" };
}

/** How long a step still has, in days; the day on which it ends is one of them. */
export function dueIn(due: string | null, t: Translate, now: number = Date.now()): string {
  if (due === null) return "";
  const left = new Date(due).getTime() - now;
  if (left <= 0) return t("late_by", { days: Math.floor(-left / DAY) + 1 });
  const days = Math.floor(left / DAY);
  return days === 0 ? t("due_today") : t("due_in", { days });
}

/** What the governments would pay as it stands, in fen. */
export function offered(row: Line): { district: number; subdistrict: number; sum: number } {
  const district = row.district_offer_fen ?? row.district_fen, subdistrict = row.subdistrict_offer_fen ?? row.subdistrict_fen;
  return { district, subdistrict, sum: district + subdistrict };
}

/** What the steps before the one that has it have left to pay, in fen: nobody pays more. */
export function left(row: Detail): { district: number; subdistrict: number; sum: number; lowered: boolean } {
  const district = row.district_left_fen, subdistrict = row.subdistrict_left_fen;
  return { district, subdistrict, sum: district + subdistrict, lowered: district < row.district_fen || subdistrict < row.subdistrict_fen };
}

/** Whether some step has lowered what is paid. */
export const lowered = (row: Line): boolean => row.district_offer_fen !== null || row.subdistrict_offer_fen !== null;

/** Whether more is proposed than a settlement has left to pay. */
export const tooMuch = (row: Detail): boolean => offered(row).sum > row.most_fen;

/** Ten-thousandths as percent: 30, 28, 33.3. */
export const part = (fen: number, whole: number): string => `${whole === 0 ? 0 : Math.round((fen * 1000) / whole) / 10}%`;
