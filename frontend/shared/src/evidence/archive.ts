/**
 * The public bundle of a round: a ZIP file whose files lie side by side and are not compressed, read from beginning to end in
 * pieces of any size.
 */

const LOCAL_FILE = 0x04034b50;
const HEADER_BYTES = 30;
const SIZES_FOLLOW = 0x08;
const LONGEST_NAME = 200;

/** Takes a file of an archive as it arrives. */
export interface Sink {
  push(piece: Uint8Array): void;
  end(): void;
}

/** The file is no archive of ours, or ends too early. */
export class NotAnArchive extends Error {}

export class ArchiveReader {
  private held: Uint8Array = new Uint8Array();
  private sink: Sink | null = null;
  private left = 0;
  private over = false;

  /** `open` says who takes a file, by its name. */
  constructor(private readonly open: (name: string) => Sink) {}

  /** Throws NotAnArchive, and whatever a sink throws. */
  push(piece: Uint8Array): void {
    let rest = piece;
    while (rest.length > 0 && !this.over) {
      if (this.sink !== null) {
        const part = rest.subarray(0, this.left);
        this.sink.push(part);
        this.left -= part.length;
        rest = rest.subarray(part.length);
        if (this.left === 0) this.close();
      } else {
        rest = this.header(rest);
      }
    }
  }

  /** After the last piece; throws NotAnArchive. */
  end(): void {
    if (!this.over) throw new NotAnArchive("it ends too early");
  }

  private close(): void {
    this.sink?.end();
    this.sink = null;
  }

  /** Reads a header as far as it is here; answers what stands behind it. */
  private header(piece: Uint8Array): Uint8Array {
    const all = new Uint8Array(this.held.length + piece.length);
    all.set(this.held);
    all.set(piece, this.held.length);
    this.held = new Uint8Array();
    const view = new DataView(all.buffer);
    if (all.length >= 4 && view.getUint32(0, true) !== LOCAL_FILE) {
      this.over = true; // the table of contents: all files were read
      return new Uint8Array();
    }
    if (all.length < HEADER_BYTES) return this.hold(all);
    const nameBytes = view.getUint16(26, true);
    const length = HEADER_BYTES + nameBytes + view.getUint16(28, true);
    if (nameBytes > LONGEST_NAME) throw new NotAnArchive("a long name");
    if (all.length < length) return this.hold(all);
    const size = view.getUint32(22, true);
    const plain = (view.getUint16(6, true) & SIZES_FOLLOW) === 0 && view.getUint16(8, true) === 0 && view.getUint32(18, true) === size;
    if (!plain) throw new NotAnArchive("it is compressed");
    this.sink = this.open(new TextDecoder().decode(all.subarray(HEADER_BYTES, HEADER_BYTES + nameBytes)));
    this.left = size;
    if (size === 0) this.close();
    return all.subarray(length);
  }

  private hold(all: Uint8Array): Uint8Array {
    this.held = all;
    return new Uint8Array();
  }
}
