import { describe, expect, test } from "vitest";

import { NotAnArchive } from "../../src/evidence/archive";
import { BallotSearch, NotAList, type SearchedList } from "../../src/evidence/ballots_file";
import { boardFault, grewFrom, said, type Board } from "../../src/evidence/board";
import { RecordSearch, type Searched } from "../../src/evidence/bundle";
import { unbase64, utf8 } from "../../src/evidence/bytes";
import { FateSearch, wasInBox } from "../../src/evidence/envelope";
import { isGenuine, NotAReceipt, readReceipt, shareable } from "../../src/evidence/receipt";
import { trackerOf } from "../../src/evidence/tracker";
import { base64, pieces, placeOf, vectors } from "../vectors";

const { round } = vectors;
const receipt = readReceipt(round.receipt);
const key = round.board.signed_with;
const OTHER_KEY = (vectors.signatures[0] as (typeof vectors.signatures)[0]).key;

/** A copy to spoil. */
const board = (): typeof round.board => structuredClone(round.board);

describe("receipts", () => {
  test("one that the service signed is genuine, with any change it is not", () => {
    expect(isGenuine(receipt, key)).toBe(true);
    expect(isGenuine(receipt, OTHER_KEY)).toBe(false);
    expect(isGenuine({ ...receipt, version: receipt.version + 1 }, key)).toBe(false);
    expect(isGenuine({ ...receipt, envelope_hash: null }, key)).toBe(false);
    expect(isGenuine({ ...receipt, entry_id: receipt.round_id }, key)).toBe(false);
  });

  test("what the phone adds is no part of what was signed", () => {
    expect(isGenuine({ ...receipt, secret: null, nonce: null, ranking: ["x"] }, key)).toBe(true);
  });

  test("it is read from text as well", () => {
    expect(readReceipt(JSON.stringify(round.receipt))).toEqual(receipt);
    expect(readReceipt(JSON.stringify({ ...round.receipt, ranking: round.ranking })).ranking).toEqual(round.ranking);
  });

  test.each([
    "", "[]", "null", "{", "5", "{}",
    { ...receipt, round_id: "1" }, { ...receipt, entry_id: null }, { ...receipt, version: "2" }, { ...receipt, version: 0 },
    { ...receipt, version: 1.5 }, { ...receipt, envelope_hash: "00" }, { ...receipt, envelope_hash: undefined }, { ...receipt, signature: 1 },
  ])("%j is none", (source) => {
    expect(() => readReceipt(source)).toThrow(NotAReceipt);
  });

  test("halves of a tracker that are none are passed over", () => {
    const read = readReceipt({ ...round.receipt, secret: "x".repeat(32), nonce: 5, ranking: ["no id"], signed_with: 1 });
    expect(read).toMatchObject({ secret: null, nonce: null, ranking: null, signed_with: null });
  });

  test("what is handed on does not lead to the ballot", () => {
    const shown = JSON.parse(shareable({ ...receipt, ranking: round.ranking }));
    for (const name of ["secret", "nonce", "ranking"]) expect(shown).not.toHaveProperty(name);
    expect(isGenuine(readReceipt(shown), key)).toBe(true);
  });
});

describe("the board", () => {
  test("holds as it is, and from every head on", () => {
    expect(boardFault(round.board, round.round_id)).toBeNull();
    for (const head of round.heads) {
      const then: Board = { ...round.board, head, entries: round.board.entries.slice(0, head.size) };
      expect(boardFault(then, round.round_id)).toBeNull();
    }
  });

  test("an empty one has nothing to sign", () => {
    expect(boardFault({ signed_with: key, entries: [], head: null }, round.round_id)).toBeNull();
    expect(boardFault({ ...round.board, head: null }, round.round_id)).toBe("head_signature");
  });

  test("a changed, missing or exchanged event is seen", () => {
    const changed = board();
    changed.entries[1] = { ...changed.entries[1]!, body: { ...changed.entries[1]!.body, roll_size: 39 } };
    expect(boardFault(changed, round.round_id)).toBe("events");
    const shorter = board();
    shorter.entries.splice(2, 1);
    expect(boardFault(shorter, round.round_id)).toBe("events");
    const turned = board();
    [turned.entries[0], turned.entries[1]] = [turned.entries[1]!, turned.entries[0]!];
    expect(boardFault(turned, round.round_id)).toBe("events");
    const fraction = board();
    fraction.entries[0] = { ...fraction.entries[0]!, body: { share: 0.5 } };
    expect(boardFault(fraction, round.round_id)).toBe("events");
  });

  test("a head is of this round, by this key, and unchanged", () => {
    expect(boardFault({ ...round.board, signed_with: OTHER_KEY }, round.round_id)).toBe("head_signature");
    expect(boardFault(round.board, receipt.entry_id)).toBe("head_signature");
    for (const change of [{ at: "2026-03-02T01:30:01Z" }, { size: 3 }, { root: "00".repeat(32) }]) {
      expect(boardFault({ ...round.board, head: { ...round.board.head, ...change } }, round.round_id)).toBe("head_signature");
    }
  });

  test("it grew from what was seen before, and from nothing else", () => {
    const seen = { signed_with: key, head: round.heads[round.growth.earlier - 1]! };
    expect(grewFrom(seen, round.board, round.growth)).toBe(true);
    expect(grewFrom({ ...seen, signed_with: OTHER_KEY }, round.board, round.growth)).toBe(false);
    expect(grewFrom({ ...seen, head: { ...seen.head, root: "00".repeat(32) } }, round.board, round.growth)).toBe(false);
    expect(grewFrom(seen, round.board, { ...round.growth, path: [] })).toBe(false);
    expect(grewFrom(seen, round.board, { ...round.growth, path: ["zz"] })).toBe(false);
  });

  test("an event is asked for by its kind", () => {
    expect(said(round.board, "closed")).toMatchObject({ envelopes: 12 });
    expect(said(round.board, "void")).toBeNull();
    expect(said(round.board, "hour")).toBeNull(); // there are several
  });
});

describe("the closed box", () => {
  const closed = said(round.board, "closed") as { envelopes: number; envelope_root: string };
  const box = { root: closed.envelope_root, size: closed.envelopes };

  test("a ballot in it is proved, another version of it is not", () => {
    expect(wasInBox(receipt, round.inclusion, box)).toBe(true);
    expect(wasInBox({ ...receipt, version: 1 }, round.inclusion, box)).toBe(false);
    expect(wasInBox({ ...receipt, entry_id: receipt.round_id }, round.inclusion, box)).toBe(false);
  });

  test("a proof against another box proves nothing", () => {
    expect(wasInBox(receipt, round.inclusion, { ...box, root: "00".repeat(32) })).toBe(false);
    expect(wasInBox(receipt, round.inclusion, { ...box, size: 11 })).toBe(false);
    expect(wasInBox(receipt, { ...round.inclusion, path: ["zz"] }, box)).toBe(false);
    expect(wasInBox(receipt, { ...round.inclusion, index: 1 }, box)).toBe(false);
  });

  test.each(vectors.fates)("with paper $paper a receipt is answered as by the public verifier", ({ paper, envelopes, set_aside, answers }) => {
    expect(answers.length).toBeGreaterThan(20);
    for (const { receipt: each, answer } of answers) {
      const search = new FateSearch(readReceipt(each), paper);
      envelopes.forEach((line) => search.envelope(line));
      set_aside.forEach((line) => search.setAside(line));
      expect(search.answer().kind).toBe(answer);
    }
  });
});

describe("the public list", () => {
  function searched(text: string, tracker: string, size: number): SearchedList {
    const search = new BallotSearch(tracker);
    for (const piece of pieces(utf8(text), size)) search.push(piece);
    return search.end();
  }

  test("the tracker of the receipt is in it", () => {
    expect(trackerOf(receipt.round_id, receipt.secret!, receipt.nonce!)).toBe(round.tracker);
  });

  test.each([1, 2, 7, 64, 1_000_000])("a line is found in pieces of %i bytes", (size) => {
    const found = searched(round.ballots_pb, round.tracker, size);
    expect(found.found).toEqual([{ tracker: round.tracker, ranking: round.ranking }]);
    expect(found.digest).toBe(said(round.board, "result")?.ballots_pb_digest);
    expect(found.ballots).toBe(said(round.board, "unsealed")?.ballots);
    expect(Object.fromEntries(found.titles)).toEqual(round.titles);
  });

  test("of equal trackers both lines are shown", () => {
    const { found } = searched(round.twins_pb, round.tracker, 100);
    expect(found.map((each) => each.tracker)).toEqual([`${round.tracker}-1`, `${round.tracker}-2`]);
    expect(found.map((each) => each.ranking)).toContainEqual(round.ranking);
  });

  test("no line, and another hash, where the file is another one", () => {
    const without = round.ballots_pb.split("\n").filter((line) => !line.startsWith(round.tracker)).join("\n");
    const found = searched(without, round.tracker, 64);
    expect(found.found).toEqual([]);
    expect(found.digest).not.toBe(said(round.board, "result")?.ballots_pb_digest);
  });

  test("titles may hold what separates", () => {
    const text = 'META\nkey;value\ndescription;"a ""b"";c"\nPROJECTS\nproject_id;name\np;"楼道; ""新"" 灯"\nq;\nVOTES\nvoter_id;vote\nA;p,q\n';
    expect(Object.fromEntries(searched(text, "A", 3).titles)).toEqual({ p: '楼道; "新" 灯', q: "" });
  });

  test.each(["", "<!doctype html>\n<p>later", "META\nkey;value\n", "VOTES\n", "VOTES\nvoter_id;vote;age\n", 'PROJECTS\nproject_id;name\np;"x\n'])("%j is no list", (text) => {
    expect(() => searched(text, round.tracker, 10)).toThrow(NotAList);
  });

  test("fifty thousand ballots are read in a moment", () => {
    const head = round.ballots_pb.slice(0, round.ballots_pb.indexOf("VOTES"));
    const vote = round.ranking.join(",");
    const lines = Array.from({ length: 51_000 }, (_, at) => `T${String(at).padStart(15, "A")};${vote}`);
    const text = `${head}VOTES\nvoter_id;vote\n${lines.join("\n")}\n`;
    const before = performance.now();
    const found = searched(text, "TAAAAAAAAAAA50999", 64 * 1024);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(found.ballots).toBe(51_000);
    expect(found.found).toEqual([]);
  });
});

describe("the whole record", () => {
  function searched(text: string, { size = 4096, change }: { size?: number; change?: (bytes: Uint8Array) => void } = {}, given = receipt, paper = round.paper): Searched {
    const bytes = unbase64(text);
    change?.(bytes);
    const search = new RecordSearch(round.board, given, paper);
    for (const piece of pieces(bytes, size)) search.push(piece);
    return search.end();
  }

  test.each([1, 29, 30, 31, 4096, 10_000_000])("is read in pieces of %i bytes", (size) => {
    expect(searched(round.bundle, { size })).toEqual({ fault: null, fate: { kind: "final" } });
  });

  test("says that a later version is in the box", () => {
    expect(searched(round.bundle, {}, { ...receipt, version: 1 })).toEqual({ fault: null, fate: { kind: "superseded", by: 2 } });
  });

  test("says that nothing accounts for a ballot", () => {
    expect(searched(round.bundle, {}, { ...receipt, entry_id: receipt.round_id })).toEqual({ fault: null, fate: { kind: "unknown" } });
  });

  test("one changed byte of any file is seen", () => {
    for (const what of [receipt.envelope_hash!, round.tracker, "社区微更新", "inputs_digest", "hour"]) {
      const at = placeOf(what, unbase64(round.bundle));
      expect(at).toBeGreaterThan(0);
      const found = searched(round.bundle, { change: (bytes) => { bytes[at] = (bytes[at] as number) ^ 1; } });
      expect(found.fault).toBe("files");
    }
  });

  test("a changed list of files is seen", () => {
    const at = placeOf('"purpose":"gongyi bundle v1"', unbase64(round.bundle)) + 1;
    expect(searched(round.bundle, { change: (bytes) => { bytes[at] = 0x71; } }).fault).toBe("manifest");
  });

  test("a list from which an envelope was taken, with everything signed anew, is not that of the board", () => {
    expect(searched(round.lost).fault).toBe("envelopes");
  });

  test("another setting for paper than the frozen one is seen", () => {
    expect(searched(round.bundle, {}, receipt, "first_wins").fault).toBe("files");
  });

  test("a record of another round says nothing about this one", () => {
    expect(searched(round.bundle, {}, { ...receipt, round_id: receipt.entry_id }).fault).toBe("manifest");
  });

  test("half a record, a compressed one and anything else are none", () => {
    const search = new RecordSearch(round.board, receipt, round.paper);
    search.push(unbase64(round.bundle).subarray(0, 5000));
    expect(() => search.end()).toThrow(NotAnArchive);
    expect(() => searched(round.bundle, { change: (bytes) => { bytes[8] = 8; } })).toThrow(NotAnArchive);
    expect(() => searched(round.bundle, { change: (bytes) => { bytes[6] = 8; } })).toThrow(NotAnArchive);
    expect(searched(base64(utf8("<!doctype html>"))).fault).toBe("manifest");
  });
});
