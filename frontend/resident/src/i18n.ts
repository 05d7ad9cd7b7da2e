/** Words by key, Chinese first. Each area has its own small file a language, loaded with its screens. */

import { speak } from "@gongyi/shared/api/client";
import { load, save } from "@gongyi/shared/store";
import * as words from "@gongyi/shared/words";
import { ref, shallowReactive } from "vue";

import homeWords from "./areas/home/words.zh-CN.json";
import baseWords from "./words/zh-CN.json";

export type Language = "zh-CN" | "en";
type Words = Record<string, string>;
export type Translate = (key: string, facts?: Readonly<Record<string, unknown>>) => string;

const base = import.meta.glob<Words>("./words/en.json", { import: "default" });
const areas = import.meta.glob<Words>(["./areas/*/words.*.json", "!./areas/home/words.zh-CN.json"], { import: "default" });

/** What the first screen needs is in the first file; everything else comes when it is asked for. */
const loaded = shallowReactive(new Map<string, Words>([[":zh-CN", baseWords], ["home:zh-CN", homeWords]]));
const wanted = new Set<string>(["", "home"]);

export const language = ref<Language>("zh-CN");

async function fetchWords(area: string, of: Language): Promise<void> {
  const name = `${area}:${of}`;
  if (loaded.has(name)) return;
  const from = area === "" ? base[`./words/${of}.json`] : areas[`./areas/${area}/words.${of}.json`];
  if (from !== undefined) loaded.set(name, await from());
}

/** Have the words of an area ready in the present language. */
export async function needWords(area: string): Promise<void> {
  wanted.add(area);
  await fetchWords(area, language.value);
}

export async function useLanguage(next: Language): Promise<void> {
  await Promise.all([...wanted].map((area) => fetchWords(area, next)));
  language.value = next;
  speak(next);
  save("language", next);
  document.documentElement.lang = next;
}

/** The reader's choice, else what the phone speaks. */
export function firstLanguage(): Language {
  const phone = (navigator.language || "zh").toLowerCase().startsWith("en") ? "en" : "zh-CN";
  return load<Language>("language", phone);
}

/** The words of an area, and those everybody uses. An unknown key shows itself. */
export function wordsOf(area: string): Translate {
  return (key, facts) => {
    const of = language.value;
    const sentence = loaded.get(`${area}:${of}`)?.[key] ?? loaded.get(`:${of}`)?.[key] ?? key;
    return words.fill(sentence, facts);
  };
}

/** The words everybody uses. */
export const t = wordsOf("");

export const money = (fen: number): string => words.money(fen, language.value);
export const moment = (text: string): string => words.moment(text, language.value);
export const day = (text: string): string => words.day(text, language.value);
export const percent = words.percent;
export const count = (number: number): string => number.toLocaleString(language.value);

/** How long still, in the two largest units. */
export function timeLeft(text: string, now?: number): string {
  const left = words.until(text, now);
  return t(left.days > 0 ? "left_days" : left.hours > 0 ? "left_hours" : "left_minutes", left);
}
