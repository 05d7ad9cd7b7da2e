/**
 * What this phone still has to send. A parcel is made once, with its secret and its key, and sent exactly as it is until
 * the service has answered: however often it arrives, it counts once.
 */

import { send } from "./api/client";
import { isPassing, Refusal } from "./problems";
import { who } from "./session";
import { keys, load, randomHex, save } from "./store";

export interface Parcel {
  id: string;
  /** Who knows what to do with the answer. */
  kind: string;
  method: "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  /** Idempotency-Key. */
  key: string;
  /** The account that made it; nobody else's session sends it. */
  who: string | null;
  /** What it is about, in words or an id, for the one who shows it. */
  subject: string;
  at: number;
  tries: number;
  /** Why the service did not take it, when it said no. */
  problem?: { code: string; sentence: string };
}

type Taker = (parcel: Parcel, answer: unknown) => void;

const takers = new Map<string, Taker>();
const watchers = new Set<() => void>();
const sending = new Set<string>();

/** Say what happens with the service's answers to parcels of a kind. */
export function onDelivered(kind: string, taker: Taker): void {
  takers.set(kind, taker);
}

/** Call `watcher` whenever a parcel is added, sent or refused. */
export function onOutbox(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

const changed = (): void => watchers.forEach((watcher) => watcher());
const keep = (parcel: Parcel): boolean => save(`outbox.${parcel.id}`, parcel);

/** Forget a parcel. */
export function drop(id: string): void {
  save(`outbox.${id}`, null);
  changed();
}

/** What waits or was refused, the oldest first. */
export function parcels(kind?: string): Parcel[] {
  return keys("outbox.")
    .map((key) => load<Parcel | null>(key, null))
    .filter((each): each is Parcel => each !== null && (kind === undefined || each.kind === kind))
    .sort((one, other) => one.at - other.at);
}

/** Make a parcel; it is kept before anything is sent. */
export function pack(given: Pick<Parcel, "kind" | "method" | "path" | "body" | "subject">): Parcel {
  const parcel: Parcel = { ...given, id: randomHex(8), key: randomHex(16), who: who(), at: Date.now(), tries: 0 };
  keep(parcel);
  changed();
  return parcel;
}

/**
 * Send a parcel now.
 *
 * @returns the service's answer, or undefined while it waits for a better line
 * @throws Refusal the service said no; the parcel is gone
 */
export async function dispatch(parcel: Parcel): Promise<unknown> {
  if (sending.has(parcel.id) || parcel.who !== who()) return undefined;
  sending.add(parcel.id);
  try {
    const answer = await send(parcel.method, parcel.path, parcel.body, { "Idempotency-Key": parcel.key }, parcel.who);
    takers.get(parcel.kind)?.(parcel, answer);
    drop(parcel.id);
    return answer ?? null;
  } catch (error) {
    if (isPassing(error) || (error instanceof Refusal && error.status === 401)) {
      keep({ ...parcel, tries: parcel.tries + 1 });
      changed();
      return undefined;
    }
    drop(parcel.id);
    throw error;
  } finally {
    sending.delete(parcel.id);
  }
}

/** Try everything that waits and belongs to whoever is signed in. */
export async function flush(): Promise<void> {
  for (const parcel of parcels()) {
    if (parcel.problem !== undefined || parcel.who !== who()) continue;
    try {
      if ((await dispatch(parcel)) === undefined) return;
    } catch (error) {
      const refusal = error as Refusal;
      keep({ ...parcel, problem: { code: refusal.code, sentence: refusal.message } });
      changed();
    }
  }
}
