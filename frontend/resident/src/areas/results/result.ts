/** What the screens of a result share: everything public about it, asked for at once. */

import { answer, api, type Schemas } from "@gongyi/shared/api/client";

import { language, money } from "../../i18n";

export interface Found {
  round: Schemas["RoundOut"];
  /** Null until it is announced. */
  result: Schemas["ResultOut"] | null;
  explanation: Schemas["ExplanationOut"] | null;
  progress: readonly Schemas["ProgressItem"][];
  /** How many ballots came which way; null where the board does not say. */
  ways: Ways | null;
}

export interface Ways {
  /** Sent from a phone, those with a code on paper among them. */
  phone: number;
  with_codes: number;
  paper: number;
}

const ANNOUNCED = ["announced", "certified"];
export const isOver = (status: string): boolean => ANNOUNCED.includes(status);

export async function ask(id: string): Promise<Found> {
  const path = { round_id: id };
  const round = await answer(api.GET("/api/v1/rounds/{round_id}", { params: { path } }));
  if (round.recorded || !isOver(round.status)) return { round, result: null, explanation: null, progress: [], ways: null };
  const [result, explanation, progress, board] = await Promise.all([
    answer(api.GET("/api/v1/rounds/{round_id}/result", { params: { path } })),
    answer(api.GET("/api/v1/rounds/{round_id}/result/explanation", { params: { path } })).catch(() => null),
    answer(api.GET("/api/v1/rounds/{round_id}/funding-progress", { params: { path } })).catch(() => ({ items: [] })),
    answer(api.GET("/board/v1/rounds/{round_id}", { params: { path } })).catch(() => null),
  ]);
  // the table of duels is long, and is looked at by those who count again
  if (explanation?.outcome) explanation.outcome.duels = [];
  return { round, result, explanation, progress: progress.items, ways: waysOf(board) };
}

function waysOf(board: Schemas["BoardOut"] | null): Ways | null {
  const of = (kind: string) => board?.entries.find((each) => each.kind === kind)?.body;
  const closed = of("closed"), unsealed = of("unsealed");
  if (closed === undefined || unsealed === undefined) return null;
  const paper = unsealed.paper as { valid?: number } | undefined;
  return { phone: Number(closed.envelopes), with_codes: Number(closed.cast_with_codes ?? 0), paper: paper?.valid ?? 0 };
}

/** Thousandths as percent: 108 is 10.8%. */
export const thousandths = (value: number): string => `${Math.round(value) / 10}%`;

const YUAN = 100, THOUSAND_YUAN = 100_000, TEN_THOUSAND_YUAN = 1_000_000;

/** A sum nobody pays, as one says it: 19.9 万元, 8,695 元. */
export function roughly(fen: number): string {
  const step = language.value !== "en" && fen >= TEN_THOUSAND_YUAN ? THOUSAND_YUAN : YUAN;
  return money(Math.round(fen / step) * step);
}
