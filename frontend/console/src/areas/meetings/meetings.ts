/** What the screens of meetings share: answers by name, what comes next, moments as inputs take them. */

import "./meetings.css";

import type { Schemas } from "@gongyi/shared/api/client";

import { answer, api, useAnswer } from "../../act";
import { covers, may, me } from "../../me";

export type Meeting = Schemas["MeetingDetail"];
export type Line = Schemas["MeetingOut"];
export type Minutes = Schemas["MinutesOut"];
export type Amendment = Schemas["AmendmentOut"];
export type Finding = Schemas["MinutesFindingOut"];
export type Part = Schemas["SigningPart"];
type Tone = "ok" | "now" | "wait" | "bad" | "info" | "plain";

export const KINDS: readonly Schemas["MeetingKind"][] = ["residents", "representatives", "council"];
export const PARTS: readonly Part[] = ["chair", "recorder"];
/** Organic Law of Urban Residents' Committees, art. 26. */
export const NOTICE_DAYS = 10;

const path = (id: string) => ({ params: { path: { meeting_id: id } } });

export const useMeeting = (id: string, every: number | false = false) =>
  useAnswer(["meetings", id], () => answer(api.GET("/api/v1/meetings/{meeting_id}", path(id))), { every });
export const useAttendance = (id: string, when: () => boolean, every: number | false = false) =>
  useAnswer(["meetings", id, "attendance"], () => answer(api.GET("/api/v1/meetings/{meeting_id}/attendance", path(id))), { when, every });
export const useAmendments = (id: string, when: () => boolean) =>
  useAnswer(["meetings", id, "amendments"], async () => (await answer(api.GET("/api/v1/meetings/{meeting_id}/amendments", path(id)))).items, { when });

/** Whether somebody may do this where the meeting is; the service has the last word. */
export function mayHere(meeting: Line, ...verbs: string[]): boolean {
  return may(...verbs) && (me.value?.grants ?? []).some((grant) => covers(grant.division, meeting.community_code));
}

export const draftOf = (meeting: Meeting): Minutes | undefined => meeting.minutes.find((each) => each.state === "draft");
export const publishedOf = (meeting: Meeting): Minutes | undefined => [...meeting.minutes].reverse().find((each) => each.state === "published");
export const begun = (meeting: Line): boolean => Date.parse(meeting.begins_at) <= Date.now();
export const signatureOf = (minutes: Minutes, part: Part) => minutes.signatures.find((each) => each.part === part);

export function stateOf(meeting: Line): { key: string; tone: Tone } {
  if (meeting.cancelled_at !== null) return { key: "cancelled", tone: "plain" };
  if (!begun(meeting)) return { key: "coming", tone: "now" };
  if (meeting.minutes_version !== null) return { key: meeting.minutes_version > 1 ? "corrected_or_later" : "published", tone: "ok" };
  return { key: "to_publish", tone: "wait" };
}

const BEIJING = 8 * 3_600_000;
/** An instant as `datetime-local` wants it, in Beijing time. */
export const localOf = (instant: string): string => new Date(Date.parse(instant) + BEIJING).toISOString().slice(0, 16);
/** What stands in a `datetime-local`, as an instant. */
export const instantOf = (local: string): string => `${local}:00+08:00`;

/** A text cut where something was found, so that it can be marked in its place; ends count whole characters. */
export function cut(text: string, found: readonly Finding[]): { text: string; finding: Finding | null }[] {
  const letters = Array.from(text);
  const parts: { text: string; finding: Finding | null }[] = [];
  let at = 0;
  for (const each of [...found].sort((one, other) => one.start - other.start)) {
    if (each.start > at) parts.push({ text: letters.slice(at, each.start).join(""), finding: null });
    parts.push({ text: letters.slice(each.start, each.end).join(""), finding: each });
    at = each.end;
  }
  if (at < letters.length) parts.push({ text: letters.slice(at).join(""), finding: null });
  return parts;
}

/** Text and no Markdown: two masks in one paragraph would be the two ends of something emphasized. */
const escaped = (mask: string): string => mask.replace(/[*_#]/gu, "\\$&");

/** A text with one place in it replaced; the text of minutes is Markdown, the other fields are plain words. */
export function masked(text: string, finding: Finding): string {
  const letters = Array.from(text);
  const mask = finding.field === "text" ? escaped(finding.mask) : finding.mask;
  return letters.slice(0, finding.start).join("") + mask + letters.slice(finding.end).join("");
}
