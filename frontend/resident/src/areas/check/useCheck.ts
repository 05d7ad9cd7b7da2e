/** Checking one ballot, step by step: what was found at each, in the order in which a resident would ask. */

import { answer, api, type Schemas } from "@gongyi/shared/api/client";
import { BallotSearch, type BallotLine, type SearchedList } from "@gongyi/shared/evidence/ballots_file";
import { boardFault, grewFrom, said, type SeenBoard } from "@gongyi/shared/evidence/board";
import { RecordSearch, type Searched } from "@gongyi/shared/evidence/bundle";
import { wasInBox } from "@gongyi/shared/evidence/envelope";
import { isGenuine, type Receipt } from "@gongyi/shared/evidence/receipt";
import { trackerOf } from "@gongyi/shared/evidence/tracker";
import { Offline, Refusal } from "@gongyi/shared/problems";
import { load, save } from "@gongyi/shared/store";
import { onScopeDispose, shallowReactive } from "vue";

import { signedIn } from "../../session";
import { CalledOff, read, stream } from "./stream";

/** How a step stands: the same, not the same, to be looked at, not to be said yet. */
export type Mark = "running" | "fits" | "differs" | "look" | "later";

export interface Step {
  key: "receipt" | "board" | "box" | "closing" | "fate" | "list" | "line" | "ranking" | "result";
  mark: Mark;
  /** Which sentence; the words stand under `key_said`. */
  said: string;
  facts?: Record<string, unknown>;
}

export type Stage = "before" | "open" | "closed" | "public" | "ended" | "recorded";

/** Whose ballot: that of a receipt, or a line of the public list by its tracker. */
export type Subject = { receipt: Receipt } | { tracker: string };

export interface State {
  round: Schemas["RoundOut"] | null;
  stage: Stage | null;
  /** How the ballots were published; null before. */
  level: Schemas["Level"] | null;
  steps: readonly Step[];
  /** The ballot's own line, or lines where trackers are equal. */
  lines: readonly BallotLine[];
  titles: ReadonlyMap<string, string>;
  tracker: string | null;
  /** Between 0 and 1 while a large file is read; null where its size is not known. */
  progress: number | null;
  busy: boolean;
  error: unknown;
  /** Bytes of the whole record, about, where it waits for a yes. */
  recordBytes: number | null;
}

/** The whole record is read without asking up to about a megabyte. */
const FEW_ENVELOPES = 2_500;
/** What an envelope takes in it: its line, and its ballot. */
const BYTES_PER_ENVELOPE = 330;

const STAGES: Record<Schemas["RoundState"], Stage> = {
  draft: "before", published: "before", open: "open", closed: "closed", unsealed: "closed", counted: "closed",
  announced: "public", certified: "public", void: "ended", cancelled: "ended",
};

/** What was asked for, unless meanwhile something else is being checked. */
async function during<T>(mine: AbortSignal, wish: Promise<T>): Promise<T> {
  const found = await wish;
  if (mine.aborted) throw new CalledOff();
  return found;
}

/** What was read; null where it is no such file at all. That a line was lost is another matter. */
async function orNothing<T>(wish: () => Promise<T>, mine: AbortSignal): Promise<T | null> {
  try {
    return await wish();
  } catch (error) {
    if (mine.aborted || error instanceof Refusal || error instanceof Offline) throw error;
    return null;
  }
}

type CheckedBoard = Schemas["BoardOut"] & { head: Schemas["BoardHeadOut"] };

export function useCheck(roundId: string) {
  const state = shallowReactive<State>({
    round: null, stage: null, level: null, steps: [], lines: [], titles: new Map(), tracker: null, progress: null,
    busy: true, error: null, recordBytes: null,
  });
  let calling = new AbortController();
  let subject: Subject | null = null;
  let board: CheckedBoard | null = null;
  onScopeDispose(() => calling.abort());

  function note(step: Step): void {
    const others = state.steps.filter((each) => each.key !== step.key);
    state.steps = [...others, step];
  }

  /** Begin anew, with what there is of a ballot. */
  async function run(of: Subject | null): Promise<void> {
    calling.abort();
    calling = new AbortController();
    const mine = calling.signal;
    subject = of;
    Object.assign(state, { steps: [], lines: [], tracker: null, progress: null, busy: true, error: null, recordBytes: null });
    try {
      state.round = await during(mine, answer(api.GET("/api/v1/rounds/{round_id}", { params: { path: { round_id: roundId } } })));
      state.stage = state.round.recorded ? "recorded" : STAGES[state.round.status];
      if (state.stage !== "recorded") await checkAll(mine);
    } catch (error) {
      if (!mine.aborted) state.error = error;
    } finally {
      if (!mine.aborted) state.busy = false;
    }
  }

  async function checkAll(mine: AbortSignal): Promise<void> {
    board = await checkBoard(mine);
    if (subject !== null && "receipt" in subject) checkReceipt(subject.receipt, board?.signed_with ?? null);
    if (board === null || subject === null || state.steps.some((step) => step.mark === "differs")) return;
    state.level = board.level ?? null;
    if ("tracker" in subject) {
      if (state.stage === "public") await checkList(mine, board, subject.tracker, null);
      return;
    }
    if (state.stage === "open") await checkBox(mine, subject.receipt);
    if (state.stage === "closed" || state.stage === "public") await checkClosing(mine, board, subject.receipt);
  }

  async function checkBoard(mine: AbortSignal): Promise<CheckedBoard | null> {
    note({ key: "board", mark: "running", said: "running" });
    const name = `board.${roundId}`;
    const seen = load<SeenBoard | null>(name, null);
    let found = await readBoard(mine, "default");
    // an answer kept on the way may be some seconds old
    const missing = state.stage === "closed" ? "closed" : state.stage === "public" ? "result" : null;
    const old = (seen !== null && (found.head?.size ?? 0) < seen.head.size) || (missing !== null && said(found, missing) === null);
    if (old) found = await readBoard(mine, "reload");
    const fault = boardFault(found, roundId);
    if (fault !== null) {
      note({ key: "board", mark: "differs", said: fault });
      return null;
    }
    if (found.head === null) {
      note({ key: "board", mark: seen === null ? "later" : "differs", said: seen === null ? "empty" : "shrank" });
      return null;
    }
    const head = found.head;
    if (seen !== null && !(await grew(mine, seen, { ...found, head }))) {
      note({ key: "board", mark: "differs", said: "changed" });
      return null;
    }
    save(name, { signed_with: found.signed_with, head });
    const facts = { count: head.size, at: head.at, since: seen?.head.at };
    note({ key: "board", mark: "fits", said: seen === null ? "fits" : "grew", facts });
    return { ...found, head };
  }

  function readBoard(mine: AbortSignal, cache: RequestCache): Promise<Schemas["BoardOut"]> {
    return read<Schemas["BoardOut"]>(`/board/v1/rounds/${roundId}`, mine, cache);
  }

  async function grew(mine: AbortSignal, seen: SeenBoard, now: CheckedBoard): Promise<boolean> {
    if (seen.head.size > now.head.size || seen.signed_with !== now.signed_with) return false;
    if (seen.head.size === now.head.size) return seen.head.root === now.head.root;
    const query = { from: seen.head.size, to: now.head.size };
    const proof = await during(mine, answer(api.GET("/board/v1/rounds/{round_id}/consistency", { params: { path: { round_id: roundId }, query } })));
    return grewFrom(seen, now, proof);
  }

  function checkReceipt(receipt: Receipt, key: string | null): void {
    // without a board there is the key that the receipt itself names
    const by = key ?? receipt.signed_with;
    const otherKey = key !== null && receipt.signed_with !== null && receipt.signed_with !== key;
    const genuine = by !== null && !otherKey && receipt.round_id === roundId && isGenuine(receipt, by);
    const word = receipt.round_id !== roundId ? "other_round" : otherKey ? "other_key" : "forged";
    note({ key: "receipt", mark: genuine ? "fits" : "differs", said: genuine ? "fits" : word, facts: { times: receipt.version } });
  }

  /** While the round is open nobody can prove anything about one envelope; the service says which version it holds. */
  async function checkBox(mine: AbortSignal, receipt: Receipt): Promise<void> {
    if (!signedIn.value) {
      note({ key: "box", mark: "later", said: "sign_in" });
      return;
    }
    try {
      const path = { round_id: roundId };
      const now = await during(mine, answer(api.GET("/api/v1/rounds/{round_id}/my-participation", { params: { path } })));
      const facts = { times: now.version };
      if (now.entry_id !== receipt.entry_id) note({ key: "box", mark: "later", said: "not_yours" });
      else if (now.on_paper) note({ key: "box", mark: "look", said: "paper" });
      else if (now.version > receipt.version) note({ key: "box", mark: "look", said: now.taken_part ? "newer" : "gone", facts });
      else if (receipt.envelope_hash === null) note({ key: "box", mark: "fits", said: "withdrawn" });
      else if (now.taken_part && now.version === receipt.version) note({ key: "box", mark: "fits", said: "fits", facts });
      else note({ key: "box", mark: "differs", said: "missing" });
    } catch (error) {
      // whoever is signed in here has no ballot in this round
      if (!(error instanceof Refusal && (error.status === 401 || error.status === 403 || error.code === "not_on_the_roll"))) throw error;
      note({ key: "box", mark: "later", said: "not_yours" });
    }
  }

  async function checkClosing(mine: AbortSignal, known: CheckedBoard, receipt: Receipt): Promise<void> {
    const closed = said(known, "closed");
    if (closed === null) {
      note({ key: "closing", mark: "later", said: "later" });
      return;
    }
    note({ key: "closing", mark: "running", said: "running" });
    const proof = receipt.envelope_hash === null ? null : await proved(mine, receipt.envelope_hash);
    if (proof === "later") {
      note({ key: "closing", mark: "later", said: "later" });
      return;
    }
    if (proof === null) {
      await checkFate(mine, known);
      return;
    }
    const box = { root: String(closed.envelope_root), size: Number(closed.envelopes) };
    const holds = wasInBox(receipt, proof, box);
    note({ key: "closing", mark: holds ? "fits" : "differs", said: holds ? "fits" : "differs", facts: { count: box.size, times: receipt.version } });
    if (holds && state.stage === "public") {
      const tracker = receipt.secret === null || receipt.nonce === null ? null : trackerOf(roundId, receipt.secret, receipt.nonce);
      await checkList(mine, known, tracker, receipt.ranking);
    }
  }

  async function proved(mine: AbortSignal, envelopeHash: string): Promise<Schemas["InclusionOut"] | "later" | null> {
    try {
      const params = { path: { round_id: roundId }, query: { envelope_hash: envelopeHash } };
      return await during(mine, answer(api.GET("/board/v1/rounds/{round_id}/envelope-proof", { params })));
    } catch (error) {
      if (error instanceof Refusal && error.code === "envelope_not_in_box") return null;
      if (error instanceof Refusal && error.code === "box_not_closed") return "later";
      throw error;
    }
  }

  /** The envelope was not in force at closing: the whole record says why, once it is public. */
  async function checkFate(mine: AbortSignal, known: CheckedBoard): Promise<void> {
    const withdrawn = subject !== null && "receipt" in subject && subject.receipt.envelope_hash === null;
    note({ key: "closing", mark: withdrawn ? "fits" : "look", said: withdrawn ? "withdrawn" : "absent" });
    if (state.stage !== "public") return;
    const envelopes = Number(said(known, "closed")?.envelopes ?? 0);
    if (envelopes <= FEW_ENVELOPES) await readRecord(mine);
    else state.recordBytes = envelopes * BYTES_PER_ENVELOPE;
  }

  async function readRecord(mine: AbortSignal): Promise<void> {
    if (board === null || subject === null || !("receipt" in subject) || state.round === null) return;
    note({ key: "fate", mark: "running", said: "running" });
    const search = new RecordSearch(board, subject.receipt, state.round.paper);
    let bytes = 0;
    const found = await orNothing(async () => {
      await stream(`/board/v1/rounds/${roundId}/bundle.zip`, mine, (piece, whole) => {
        search.push(piece);
        bytes += piece.length;
        state.progress = whole === null ? null : bytes / whole;
      });
      return search.end();
    }, mine);
    state.progress = null;
    tellFate(found, subject.receipt);
  }

  function tellFate(found: Searched | null, receipt: Receipt): void {
    if (found === null || found.fault !== null) {
      note({ key: "fate", mark: "differs", said: "fault" });
      return;
    }
    const { fate } = found;
    const wished = fate.kind === "withdrawn" && receipt.envelope_hash === null;
    const mark = fate.kind === "unknown" ? "differs" : wished ? "fits" : "look";
    note({ key: "fate", mark, said: fate.kind, facts: { times: fate.kind === "superseded" ? fate.by : receipt.version } });
  }

  async function checkList(mine: AbortSignal, known: CheckedBoard, tracker: string | null, ranking: readonly string[] | null): Promise<void> {
    state.tracker = tracker;
    if (known.level === "aggregates") {
      note({ key: "list", mark: "later", said: "aggregates" });
    } else if (tracker === null) {
      note({ key: "line", mark: "later", said: "no_halves" });
    } else {
      note({ key: "list", mark: "running", said: "running" });
      const list = await orNothing(() => readList(mine, tracker, Number(said(known, "unsealed")?.ballots ?? 0)), mine);
      state.progress = null;
      if (list === null) {
        note({ key: "list", mark: "differs", said: "differs" });
        return;
      }
      const announced = list.digest === said(known, "result")?.ballots_pb_digest;
      note({ key: "list", mark: announced ? "fits" : "differs", said: announced ? "fits" : "differs", facts: { count: list.ballots } });
      Object.assign(state, { lines: list.found, titles: list.titles });
      const found = list.found.length > 0;
      note({ key: "line", mark: found ? "fits" : "differs", said: !found ? "differs" : list.found.length > 1 ? "several" : "fits" });
      if (found && subject !== null && "receipt" in subject) compare(list.found, ranking, known.level ?? null);
    }
    await checkResult(mine, known);
  }

  async function readList(mine: AbortSignal, tracker: string, expected: number): Promise<SearchedList> {
    const search = new BallotSearch(tracker);
    await stream(`/board/v1/rounds/${roundId}/ballots.pb`, mine, (piece) => {
      search.push(piece);
      state.progress = expected > 0 ? Math.min(1, search.ballots / expected) : null;
    });
    return search.end();
  }

  function compare(lines: readonly BallotLine[], ranking: readonly string[] | null, level: Schemas["Level"] | null): void {
    if (ranking === null) {
      note({ key: "ranking", mark: "look", said: "by_eye" });
      return;
    }
    const sent = (level === "top-3" ? ranking.slice(0, 3) : ranking).join();
    const same = lines.some((line) => line.ranking.join() === sent);
    note({ key: "ranking", mark: same ? "fits" : "differs", said: !same ? "differs" : level === "top-3" ? "first_three" : "fits" });
  }

  async function checkResult(mine: AbortSignal, known: CheckedBoard): Promise<void> {
    const path = { round_id: roundId };
    const result = await during(mine, answer(api.GET("/api/v1/rounds/{round_id}/result", { params: { path } })));
    const announced = result.outcome_digest === said(known, "result")?.result_digest;
    note({ key: "result", mark: announced ? "fits" : "differs", said: announced ? "fits" : "differs" });
  }

  /** Read the whole record after all, large as it is. */
  async function readWholeRecord(): Promise<void> {
    const mine = calling.signal;
    state.recordBytes = null;
    state.busy = true;
    try {
      await readRecord(mine);
    } catch (error) {
      if (!mine.aborted) state.error = error;
    } finally {
      if (!mine.aborted) state.busy = false;
    }
  }

  return { state, run, readWholeRecord };
}
