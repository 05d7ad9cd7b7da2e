import { describe, expect, it } from "vitest";

import { fit, move, same, shuffled, toggle } from "../src/ranking";

describe("toggle", () => {
  it("adds at the end and takes out", () => {
    expect(toggle(["a"], "b", 3)).toEqual(["a", "b"]);
    expect(toggle(["a", "b"], "a", 3)).toEqual(["b"]);
  });

  it("takes nothing more when full, and still lets go", () => {
    expect(toggle(["a", "b"], "c", 2)).toEqual(["a", "b"]);
    expect(toggle(["a", "b"], "b", 2)).toEqual(["a"]);
  });
});

describe("move", () => {
  it("moves over several places, both ways", () => {
    expect(move(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(move(["a", "b", "c", "d"], 3, 1)).toEqual(["a", "d", "b", "c"]);
  });

  it("changes nothing out of range", () => {
    const ranking = ["a", "b"];
    expect(move(ranking, 0, -1)).toBe(ranking);
    expect(move(ranking, 1, 2)).toBe(ranking);
    expect(move(ranking, 5, 0)).toBe(ranking);
  });

  it("never loses and never doubles", () => {
    const ranking = ["a", "b", "c", "d", "e"];
    for (let from = 0; from < 5; from += 1) {
      for (let to = 0; to < 5; to += 1) {
        const moved = move(ranking, from, to);
        expect([...moved].sort()).toEqual(ranking);
        expect(moved[to]).toBe(ranking[from]);
      }
    }
  });
});

describe("fit", () => {
  it("drops what is gone, doubled or too much", () => {
    expect(fit(["a", "x", "b", "a", "c", "d"], ["a", "b", "c", "d"], 3)).toEqual(["a", "b", "c"]);
  });
});

describe("same", () => {
  it("minds the order", () => {
    expect(same(["a", "b"], ["a", "b"])).toBe(true);
    expect(same(["a", "b"], ["b", "a"])).toBe(false);
    expect(same(["a"], ["a", "b"])).toBe(false);
  });
});

describe("shuffled", () => {
  const items = Array.from({ length: 7 }, (_, at) => at);

  it("keeps everything, and the order of a seed", () => {
    expect([...shuffled(items, 42)].sort()).toEqual(items);
    expect(shuffled(items, 42)).toEqual(shuffled(items, 42));
    expect(shuffled(items, 42)).not.toEqual(shuffled(items, 43));
  });

  it("puts every project first about as often", () => {
    const first = new Array<number>(7).fill(0);
    for (let seed = 0; seed < 70_000; seed += 1) first[shuffled(items, Math.imul(seed, 2654435761))[0]!]! += 1;
    // 10,000 expected, standard deviation 93: five of them on either side
    for (const often of first) expect(Math.abs(often - 10_000)).toBeLessThan(465);
  });
});
