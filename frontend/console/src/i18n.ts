/** Words by key, Chinese first. Each area has its own file a language, loaded with its screens. */

import { speak } from "@gongyi/shared/api/client";
import { load, save } from "@gongyi/shared/store";
import * as words from "@gongyi/shared/words";
import { ref } from "vue";
import { createI18n } from "vue-i18n";

import common from "./words/zh-CN.json";

export type Language = "zh-CN" | "en";
type Words = Record<string, string>;
export type Translate = (key: string, facts?: Readonly<Record<string, unknown>>) => string;

const base = import.meta.glob<Words>("./words/en.json", { import: "default" });
const areas = import.meta.glob<Words>("./areas/*/words.*.json", { import: "default" });
const wanted = new Set<string>([""]);
const loaded = new Set<string>([":zh-CN"]);

export const language = ref<Language>("zh-CN");
export const i18n = createI18n({
  legacy: false,
  locale: "zh-CN",
  messages: { "zh-CN": { common }, en: {} } as Record<Language, Record<string, Words>>,
  missingWarn: false,
  fallbackWarn: false,
});
const { global: spoken } = i18n;

async function fetchWords(area: string, of: Language): Promise<void> {
  const name = `${area}:${of}`;
  if (loaded.has(name)) return;
  const from = area === "" ? base[`./words/${of}.json`] : areas[`./areas/${area}/words.${of}.json`];
  if (from === undefined) return;
  spoken.mergeLocaleMessage(of, { [area || "common"]: await from() });
  loaded.add(name);
}

/** Have the words of an area ready in the present language. */
export async function needWords(area: string): Promise<void> {
  wanted.add(area);
  await fetchWords(area, language.value);
}

export async function useLanguage(next: Language): Promise<void> {
  await Promise.all([...wanted].map((area) => fetchWords(area, next)));
  spoken.locale.value = next;
  language.value = next;
  speak(next);
  save("language", next);
  document.documentElement.lang = next;
}

/** The reader's choice, else what the browser speaks. */
export function firstLanguage(): Language {
  return load<Language>("language", (navigator.language || "zh").toLowerCase().startsWith("en") ? "en" : "zh-CN");
}

/** The words of an area, and those everybody uses. An unknown key shows itself. */
export function wordsOf(area: string): Translate {
  return (key, facts = {}) => {
    const named = [`${area}.${key}`, `common.${key}`].find((each) => spoken.te(each, language.value));
    return named === undefined ? key : spoken.t(named, facts as Record<string, unknown>);
  };
}

/** The words everybody uses. */
export const t = wordsOf("common");

export const money = (fen: number): string => words.money(fen, language.value);
/** To the fen, for tables whose figures are added up: 68,000.00. */
export const yuan = (fen: number): string => (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2 });
export const moment = (text: string): string => words.moment(text, language.value);
export const day = (text: string): string => words.day(text, language.value);
export const percent = words.percent;
export const count = (number: number): string => number.toLocaleString(language.value);

/** How long still, in the two largest units. */
export function timeLeft(text: string, now?: number): string {
  const left = words.until(text, now);
  return t(left.days > 0 ? "left_days" : left.hours > 0 ? "left_hours" : "left_minutes", left);
}
