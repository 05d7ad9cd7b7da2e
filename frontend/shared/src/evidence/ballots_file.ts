/**
 * The public list of ballots (`ballots.pb`, Pabulib's format), read once from beginning to end in pieces of any size: its
 * hash, its projects, and the lines of one tracker. Ten megabytes of it never lie in memory.
 */

import { sha256 } from "@noble/hashes/sha2.js";

import { hex } from "./bytes";
import { Lines } from "./lines";
import { isLineOf } from "./tracker";

export interface BallotLine {
  tracker: string;
  /** Ids, best first. */
  ranking: string[];
}

export interface SearchedList {
  /** SHA-256 of the file, as the board says it. */
  digest: string;
  ballots: number;
  /** Titles by id, as they stand in the file itself. */
  titles: Map<string, string>;
  /** More than one where trackers are equal. */
  found: BallotLine[];
}

/** The file is no list of ballots. */
export class NotAList extends Error {}

type Section = "start" | "META" | "PROJECTS" | "VOTES";

export class BallotSearch {
  private readonly hash = sha256.create();
  private readonly lines = new Lines((line) => this.line(line));
  private section: Section = "start";
  private columns: string[] | null = null;
  private readonly titles = new Map<string, string>();
  private readonly found: BallotLine[] = [];
  private count = 0;

  constructor(private readonly tracker: string) {}

  /** How many ballots were read so far. */
  get ballots(): number {
    return this.count;
  }

  push(piece: Uint8Array): void {
    this.hash.update(piece);
    this.lines.push(piece);
  }

  /** After the last piece; throws NotAList. */
  end(): SearchedList {
    this.lines.end();
    if (this.section !== "VOTES" || this.columns === null) throw new NotAList("no VOTES");
    return { digest: hex(this.hash.digest()), ballots: this.count, titles: this.titles, found: this.found };
  }

  private line(line: string): void {
    if (line === "META" || line === "PROJECTS" || line === "VOTES") {
      this.section = line;
      this.columns = null;
    } else if (this.section === "VOTES" && this.columns !== null) {
      this.vote(line);
    } else if (this.columns === null) {
      this.columns = cells(line);
      if (this.section === "VOTES" && this.columns.join() !== "voter_id,vote") throw new NotAList("other columns");
    } else if (this.section === "PROJECTS") {
      const row = cells(line);
      this.titles.set(row[this.columns.indexOf("project_id")] ?? "", row[this.columns.indexOf("name")] ?? "");
    }
  }

  // a vote needs no quotes, so that fifty thousand of them are read fast
  private vote(line: string): void {
    this.count += 1;
    if (!line.startsWith(this.tracker)) return;
    const [name = "", vote = ""] = line.split(";");
    if (isLineOf(this.tracker, name)) this.found.push({ tracker: name, ranking: vote === "" ? [] : vote.split(",") });
  }
}

/** The cells of a row; one that holds a semicolon or a quote stands in quotes. */
function cells(line: string): string[] {
  const row: string[] = [];
  let at = 0;
  while (at <= line.length) {
    let cell = "";
    if (line[at] === '"') {
      at += 1;
      for (let end = line.indexOf('"', at); ; end = line.indexOf('"', at)) {
        if (end === -1) throw new NotAList("an open quote");
        cell += line.slice(at, end);
        at = end + 1;
        if (line[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    } else {
      const end = line.indexOf(";", at);
      cell = line.slice(at, end === -1 ? line.length : end);
      at += cell.length;
    }
    row.push(cell);
    if (at < line.length && line[at] !== ";") throw new NotAList("text behind a quote");
    at += 1;
  }
  return row;
}
