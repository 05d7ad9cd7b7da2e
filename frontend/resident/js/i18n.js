// Words by key, Chinese first. One small file a language, loaded when it is needed.

import { load, save } from "./store.js";

let words = {};
export let language = load("language", (navigator.language || "zh").toLowerCase().startsWith("en") ? "en" : "zh-CN");

export async function useLanguage(next) {
  const answer = await fetch("i18n/" + next + ".json");
  words = await answer.json();
  language = next;
  save("language", next);
  document.documentElement.lang = next;
}

export function t(key, facts) {
  const text = words[key] === undefined ? key : words[key];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (facts && facts[name] !== undefined ? facts[name] : whole));
}

const TEN_THOUSAND_FEN = 1000000;

/** Money as residents say it: 6.8 万元, ¥68,000. */
export function money(fen) {
  if (language === "en") return "¥" + (fen / 100).toLocaleString("en", { minimumFractionDigits: fen % 100 ? 2 : 0, maximumFractionDigits: 2 });
  if (fen >= TEN_THOUSAND_FEN && fen % 10000 === 0) return (fen / TEN_THOUSAND_FEN).toLocaleString("zh-CN", { maximumFractionDigits: 2 }) + " 万元";
  return (fen / 100).toLocaleString("zh-CN", { maximumFractionDigits: 2 }) + " 元";
}

/** A moment in Beijing time. */
export function moment(text) {
  return new Date(text).toLocaleString(language, { timeZone: "Asia/Shanghai", month: language === "en" ? "short" : "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}

/** How long still, in the two largest units. */
export function timeLeft(text) {
  const minutes = Math.max(0, Math.floor((new Date(text) - Date.now()) / 60000));
  const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
  if (days > 0) return t("left_days", { days, hours });
  if (hours > 0) return t("left_hours", { hours, minutes: minutes % 60 });
  return t("left_minutes", { minutes });
}
