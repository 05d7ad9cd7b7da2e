/** Large public files, piece by piece, so that a phone neither freezes nor holds them whole. */

import { Offline, Refusal } from "@gongyi/shared/problems";

/** Small enough that hashing one is over before a finger notices. */
const PIECE_BYTES = 32 * 1024;
const BUSY_MS = 12;

const breathe = (): Promise<void> => new Promise((done) => setTimeout(done));

/**
 * Hand a file on in small pieces, with a breath between them; `take` is told how many bytes there will be, where that is known.
 *
 * @throws Refusal the service said no
 * @throws Offline the line was lost
 */
export async function stream(path: string, signal: AbortSignal, take: (piece: Uint8Array, whole: number | null) => void): Promise<void> {
  let began = performance.now();
  let whole: number | null = null;

  async function handOn(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      take(bytes.subarray(at, at + PIECE_BYTES), whole);
      if (performance.now() - began > BUSY_MS) {
        await breathe();
        if (signal.aborted) throw new Error("called off");
        began = performance.now();
      }
    }
  }

  const response = await reached(fetch(path, { signal, credentials: "omit" }), signal);
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    throw new Refusal(response.status, problem, response.headers.get("Retry-After"));
  }
  const length = Number(response.headers.get("Content-Length"));
  whole = response.headers.has("Content-Encoding") || !(length > 0) ? null : length;
  if (response.body === null || response.body === undefined) {
    await handOn(new Uint8Array(await reached(response.arrayBuffer(), signal)));
    return;
  }
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reached(reader.read(), signal);
    if (done) return;
    await handOn(value);
  }
}

/** What is fetched; a line that was lost is said to be lost, and what was called off on purpose is not. */
async function reached<T>(wish: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await wish;
  } catch (error) {
    throw signal.aborted ? error : new Offline();
  }
}
