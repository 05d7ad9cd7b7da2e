/** A ranking being made: project ids, best first. No page, no language in here. */

export type Ranking = readonly string[];

/** Add at the end, or take out. A full ranking takes nothing more. */
export function toggle(ranking: Ranking, id: string, most: number): Ranking {
  if (ranking.includes(id)) return ranking.filter((each) => each !== id);
  return ranking.length >= most ? ranking : [...ranking, id];
}

/** Move what stands at `from` to `to`; out of range changes nothing. */
export function move(ranking: Ranking, from: number, to: number): Ranking {
  const moved = ranking[from];
  if (moved === undefined || to < 0 || to >= ranking.length || from === to) return ranking;
  const rest = ranking.filter((_, index) => index !== from);
  return [...rest.slice(0, to), moved, ...rest.slice(to)];
}

/** Drop what is not on the list, stands twice, or is too much. */
export function fit(ranking: Ranking, ids: readonly string[], most: number): Ranking {
  return ranking.filter((id, index) => ids.includes(id) && ranking.indexOf(id) === index).slice(0, most);
}

export function same(one: Ranking, other: Ranking): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

/**
 * The order in which a phone shows a list, so that no project gains by standing first: Fisher and Yates's shuffle over a
 * linear congruential generator (Numerical Recipes' constants), the same for the same seed.
 */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = items.slice();
  let state = seed >>> 0;
  for (let last = order.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 4294967296) * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
