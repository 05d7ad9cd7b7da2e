/** How amounts and times are said. */

const TEN_THOUSAND_YUAN_IN_FEN = 1_000_000;
const HUNDRED_YUAN_IN_FEN = 10_000;

/** Money as residents say it: 6.8 万元, 20,400 元, ¥68,000. */
export function money(fen: number, language: string): string {
  if (language === "en") {
    return "¥" + (fen / 100).toLocaleString("en", { minimumFractionDigits: fen % 100 ? 2 : 0, maximumFractionDigits: 2 });
  }
  if (fen >= TEN_THOUSAND_YUAN_IN_FEN && fen % HUNDRED_YUAN_IN_FEN === 0) {
    return (fen / TEN_THOUSAND_YUAN_IN_FEN).toLocaleString("zh-CN", { maximumFractionDigits: 2 }) + " 万元";
  }
  return (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: fen % 100 ? 2 : 0, maximumFractionDigits: 2 }) + " 元";
}

const BEIJING = "Asia/Shanghai";
const year = (at: Date): string => at.toLocaleString("en", { timeZone: BEIJING, year: "numeric" });

/** A moment in Beijing time: 11 月 27 日 20:00; with the year when it is another one. */
export function moment(text: string, language: string, now: number = Date.now()): string {
  const at = new Date(text);
  const other = year(at) !== year(new Date(now));
  return at.toLocaleString(language, {
    timeZone: BEIJING, month: language === "en" ? "short" : "long", day: "numeric", hour: "2-digit", minute: "2-digit",
    hourCycle: "h23", ...(other ? { year: "numeric" } : {}),
  } as Intl.DateTimeFormatOptions);
}

/** A day in Beijing: 11月27日; with the year when it is another one. */
export function day(text: string, language: string, now: number = Date.now()): string {
  const at = new Date(text.length === 10 ? `${text}T12:00:00+08:00` : text);
  const other = year(at) !== year(new Date(now));
  return at.toLocaleString(language, {
    timeZone: BEIJING, month: language === "en" ? "short" : "long", day: "numeric", ...(other ? { year: "numeric" } : {}),
  } as Intl.DateTimeFormatOptions);
}

/** Whole days, hours and minutes until `text`; nothing negative. */
export function until(text: string, now: number = Date.now()): { days: number; hours: number; minutes: number } {
  const minutes = Math.max(0, Math.floor((new Date(text).getTime() - now) / 60_000));
  return { days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 };
}

/** `part` of `whole` in percent with one decimal, 0 when there is no whole. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((part * 1000) / whole) / 10}%`;
}

/**
 * A heading as the phrases it may be broken between, each with its punctuation; the blank of 2026 年 is there for the eye
 * only and no place for a break.
 */
export function phrases(text: string): string[] {
  const bound = text.replace(/(\d) (?=[\u4e00-\u9fff])|([\u4e00-\u9fff]) (?=\d)/g, (whole) => whole.replace(" ", "\u00a0"));
  return bound.match(/[^，。？！；：、]+[，。？！；：、]*/g) ?? [bound];
}

/** A community as people call it: 花果园大街社区, without 居民委员会. */
export function communityName(name: string): string {
  return name.replace(/居民委员会$/, "");
}

/** Put facts into a sentence: `{name}` stands for one. */
export function fill(sentence: string, facts: Readonly<Record<string, unknown>> = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (facts[name] === undefined ? whole : String(facts[name])));
}
