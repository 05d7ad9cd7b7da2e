/**
 * The whole record of a round, to learn what became of a ballot that is not in the box: as `gongyi verify --receipt`, with the
 * same facts checked first (the list of files is signed, each file is the one that was signed, both lists of envelopes have the
 * roots that were on the board when the box was closed).
 */

import { sha256 } from "@noble/hashes/sha2.js";

import { ArchiveReader, type Sink } from "./archive";
import { type Board, said } from "./board";
import { hex, utf8 } from "./bytes";
import { canonicalJson } from "./canonical";
import { FateSearch, type Fate } from "./envelope";
import { Lines } from "./lines";
import { GrowingTree } from "./merkle";
import { verifies } from "./signing";
import type { EnvelopeName } from "./statements";

export type RecordFault =
  /** The list of files was not signed with the board's key, or is of another round. */
  | "manifest"
  /** A file is missing, or is not the one that was signed. */
  | "files"
  /** The lists of envelopes are not those of which the board has the roots. */
  | "envelopes";

export type Searched = { fault: RecordFault } | { fault: null; fate: Fate };

interface Manifest {
  purpose: string;
  round_id: string;
  signed_with: string;
  signature: string;
  files: Record<string, string>;
}

/** Kept whole: they are small. Of every other file only its hash is. */
const KEPT = ["manifest.json", "frozen.json"];

export class RecordSearch {
  private readonly reader = new ArchiveReader((name) => this.open(name));
  private readonly digests = new Map<string, string>();
  private readonly kept = new Map<string, Uint8Array>();
  private readonly search: FateSearch;
  private readonly trees = { "envelopes.txt": new GrowingTree(), "set_aside.txt": new GrowingTree() };

  /** `board` was checked already; `paper` is the round's setting. */
  constructor(private readonly board: Board, private readonly receipt: EnvelopeName, private readonly paper: string) {
    this.search = new FateSearch(receipt, paper);
  }

  push(piece: Uint8Array): void {
    this.reader.push(piece);
  }

  /** After the last piece; throws NotAnArchive. */
  end(): Searched {
    this.reader.end();
    const manifest = this.manifest();
    if (manifest === null) return { fault: "manifest" };
    if (!this.filesAreThose(manifest)) return { fault: "files" };
    if (!this.listsAreThose()) return { fault: "envelopes" };
    return { fault: null, fate: this.search.answer() };
  }

  private open(name: string): Sink {
    const hash = sha256.create();
    const sinks: Sink[] = [{ push: (piece) => void hash.update(piece), end: () => void this.digests.set(name, hex(hash.digest())) }];
    if (KEPT.includes(name)) sinks.push(new Keeper((whole) => this.kept.set(name, whole)));
    if (name === "envelopes.txt" || name === "set_aside.txt") {
      const tree = this.trees[name];
      sinks.push(new Lines((line) => {
        tree.add(utf8(line));
        if (name === "envelopes.txt") this.search.envelope(line);
        else this.search.setAside(line);
      }));
    }
    return {
      push: (piece) => sinks.forEach((sink) => sink.push(piece)),
      end: () => sinks.forEach((sink) => sink.end()),
    };
  }

  private manifest(): Manifest | null {
    try {
      const found = JSON.parse(this.text("manifest.json")) as Manifest;
      const { signature, ...statement } = found;
      const ours = found.purpose === "gongyi bundle v1" && found.round_id === this.receipt.round_id;
      return ours && verifies(this.board.signed_with, signature, canonicalJson(statement)) ? found : null;
    } catch {
      return null;
    }
  }

  private filesAreThose({ files }: Manifest): boolean {
    const needed = ["frozen.json", "envelopes.txt", "set_aside.txt"].every((name) => name in files);
    if (!needed || !Object.entries(files).every(([name, digest]) => this.digests.get(name) === digest)) return false;
    // the setting by which the lists are read is the frozen one, and the frozen one is that of the board
    const opened = said(this.board, "opened");
    const frozen = JSON.parse(this.text("frozen.json")) as { round_id?: string; paper?: string };
    return opened?.frozen_digest === files["frozen.json"] && (frozen.paper ?? "none") === this.paper && frozen.round_id === this.receipt.round_id;
  }

  private listsAreThose(): boolean {
    const closed = said(this.board, "closed");
    const { "envelopes.txt": inside, "set_aside.txt": aside } = this.trees;
    return closed !== null
      && closed.envelopes === inside.size && closed.envelope_root === hex(inside.root())
      && closed.set_aside === aside.size && closed.set_aside_root === hex(aside.root());
  }

  private text(name: string): string {
    return new TextDecoder().decode(this.kept.get(name) ?? new Uint8Array());
  }
}

/** Keeps a file whole. */
class Keeper implements Sink {
  private readonly pieces: Uint8Array[] = [];

  constructor(private readonly keep: (whole: Uint8Array) => void) {}

  push(piece: Uint8Array): void {
    this.pieces.push(piece.slice());
  }

  end(): void {
    const whole = new Uint8Array(this.pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.keep(whole);
  }
}
