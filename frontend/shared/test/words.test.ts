import { describe, expect, it } from "vitest";

import { communityName, day, fill, moment, money, percent, phrases, until } from "../src/words";

describe("money", () => {
  it("is said in 万元 where that is exact to a hundred", () => {
    expect(money(6_800_000, "zh-CN")).toBe("6.8 万元");
    expect(money(60_000_000, "zh-CN")).toBe("60 万元");
    expect(money(2_040_000, "zh-CN")).toBe("2.04 万元");
    expect(money(2_040_100, "zh-CN")).toBe("20,401 元");
    expect(money(950_050, "zh-CN")).toBe("9,500.50 元");
    expect(money(0, "zh-CN")).toBe("0 元");
  });

  it("is said in yuan in English", () => {
    expect(money(6_800_000, "en")).toBe("¥68,000");
    expect(money(950_050, "en")).toBe("¥9,500.50");
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-20T00:00:00Z");

  it("are Beijing's, wherever the phone is", () => {
    expect(moment("2026-11-27T12:00:00Z", "zh-CN", now)).toMatch(/11月27日.*20:00/);
    expect(moment("2026-11-27T16:30:00Z", "en", now)).toMatch(/Nov 28.*00:30/);
    expect(day("2026-11-27T16:30:00Z", "zh-CN", now)).toBe("11月28日");
    expect(day("2026-12-01", "zh-CN", now)).toBe("12月1日");
  });

  it("name the year when it is another one", () => {
    expect(day("2027-01-05", "zh-CN", now)).toBe("2027年1月5日");
  });

  it("count what is left, and nothing below zero", () => {
    expect(until("2026-11-23T06:30:00Z", now)).toEqual({ days: 3, hours: 6, minutes: 30 });
    expect(until("2026-11-19T00:00:00Z", now)).toEqual({ days: 0, hours: 0, minutes: 0 });
  });
});

describe("words", () => {
  it("are filled with facts, and an unknown fact stays visible", () => {
    expect(fill("第 {place} 位，{what}", { place: 2 })).toBe("第 2 位，{what}");
  });

  it("break between phrases and not between a number and what it counts", () => {
    expect(phrases("2026 年社区微更新，先做哪几件？")).toEqual(["2026\u00a0年社区微更新，", "先做哪几件？"]);
    expect(phrases("3 栋 2 单元加装电梯")).toEqual(["3\u00a0栋\u00a02\u00a0单元加装电梯"]);
    expect(phrases("？")).toEqual(["？"]);
  });

  it("call a community as people do", () => {
    expect(communityName("花果园大街社区居民委员会")).toBe("花果园大街社区");
  });

  it("say percent, also of nothing", () => {
    expect(percent(1, 3)).toBe("33.3%");
    expect(percent(0, 0)).toBe("0%");
  });
});
