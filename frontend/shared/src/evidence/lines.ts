/** Lines out of bytes that arrive piece by piece. */

const FEED = 10;

/** Cuts bytes into lines and hands each on, without its end; holds no more than one line. */
export class Lines {
  private readonly decoder = new TextDecoder("utf-8", { fatal: true });
  private rest: Uint8Array = new Uint8Array();

  constructor(private readonly take: (line: string) => void) {}

  push(piece: Uint8Array): void {
    let from = 0;
    for (let end = piece.indexOf(FEED); end !== -1; end = piece.indexOf(FEED, from)) {
      this.line(piece.subarray(from, end));
      from = end + 1;
    }
    this.keep(piece.subarray(from));
  }

  /** What stands behind the last line feed is a line too. */
  end(): void {
    if (this.rest.length > 0) this.line(new Uint8Array());
  }

  private line(last: Uint8Array): void {
    let whole = last;
    if (this.rest.length > 0) {
      this.keep(last);
      whole = this.rest;
      this.rest = new Uint8Array();
    }
    this.take(this.decoder.decode(whole));
  }

  private keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    const grown = new Uint8Array(this.rest.length + piece.length);
    grown.set(this.rest);
    grown.set(piece, this.rest.length);
    this.rest = grown;
  }
}
