/** Messages to governments' systems in words. */

import type { Schemas } from "@gongyi/shared/api/client";

import type { Translate } from "../../i18n";
import type { Tone } from "./requests";

export type Message = Schemas["SentOut"];
export const SENT_TONE: Readonly<Record<Message["state"], Tone>> = { delivered: "ok", waiting: "wait", dead: "bad" };

/** What a message tells of. */
export function about(message: Message, t: Translate): string {
  if (message.event === "funding_request.submitted") return t("tells_submitted");
  if (message.event === "funding_request.part_accepted") return t("tells_part_accepted");
  if (message.event === "funding_request.costs_changed") return t("tells_costs_changed");
  return message.decision === null ? t("tells_decision") : t("tells_decided", { decision: t("word_" + message.decision) });
}
