/** Large public files, piece by piece, so that a phone neither freezes nor holds them whole. */

import { Offline, Refusal } from "@gongyi/shared/problems";

/** Something else is wanted now. */
export class CalledOff extends Error {}

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
        if (signal.aborted) throw new CalledOff();
        began = performance.now();
      }
    }
  }

  const response = await opened(path, { signal });
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

/**
 * The JSON of a public address, past what the browser keeps where `cache` says so.
 *
 * @throws Refusal, Offline as `stream`
 */
export async function read<T>(path: string, signal: AbortSignal, cache: RequestCache): Promise<T> {
  const response = await opened(path, { signal, cache });
  return (await reached(response.json(), signal)) as T;
}

async function opened(path: string, wish: RequestInit & { signal: AbortSignal }): Promise<Response> {
  const response = await reached(fetch(path, { ...wish, credentials: "omit" }), wish.signal);
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  throw new Refusal(response.status, problem, response.headers.get("Retry-After"));
}

/** What is fetched; a line that was lost is said to be lost, and what was called off on purpose is not. */
async function reached<T>(wish: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await wish;
  } catch (error) {
    throw signal.aborted ? error : new Offline();
  }
}
