// A ballot on this phone: the draft, and what still has to be sent. No page, no language in here.

import { load, randomHex, save } from "./store.js";

const draftKey = (roundId) => "draft." + roundId;

/** The ranking being made: project ids, best first. Kept at every tap. */
export function draft(roundId) {
  return load(draftKey(roundId), []);
}

export function keepDraft(roundId, ranking) {
  save(draftKey(roundId), ranking);
}

/** Add at the end, or take out. */
export function toggle(ranking, id, most) {
  if (ranking.includes(id)) return ranking.filter((each) => each !== id);
  return ranking.length >= most ? ranking : ranking.concat(id);
}

/** Move by one place; out of range changes nothing. */
export function move(ranking, from, by) {
  const to = from + by;
  if (to < 0 || to >= ranking.length) return ranking;
  const next = ranking.slice();
  next.splice(to, 0, next.splice(from, 1)[0]);
  return next;
}

/** Drop what is not on the list any more. */
export function fit(ranking, ids, most) {
  return ranking.filter((id) => ids.includes(id)).slice(0, most);
}

/** The order in which this phone shows a list: random, and the same each time. */
export function shuffled(items, roundId) {
  let seed = load("shuffle." + roundId, null);
  if (seed === null) { seed = parseInt(randomHex(4), 16); save("shuffle." + roundId, seed); }
  const order = items.slice();
  for (let last = order.length - 1; last > 0; last -= 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = seed % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Put a ballot into the outbox; the secret and the key are made once, so that a repeated send is the same ballot. */
export function seal(roundId, ranking) {
  const wish = { ranking: ranking.slice(), secret: randomHex(16), key: randomHex(16) };
  save("outbox." + roundId, wish);
  return wish;
}

export const waiting = (roundId) => load("outbox." + roundId, null);
export const settle = (roundId) => save("outbox." + roundId, null);
export const receipt = (roundId) => load("receipt." + roundId, null);
export const keepReceipt = (roundId, value) => save("receipt." + roundId, value);
