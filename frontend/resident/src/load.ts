/** Asking the service for what a screen shows. */

import { isPassing } from "@gongyi/shared/problems";
import { keys, load, save } from "@gongyi/shared/store";
import { onScopeDispose, ref, type Ref, shallowRef, type ShallowRef, watch } from "vue";

import { language } from "./i18n";

export interface Loaded<T> {
  data: ShallowRef<T | null>;
  error: ShallowRef<unknown>;
  loading: Ref<boolean>;
  /** When what is shown was fetched, if it is not fresh; milliseconds. */
  keptAt: Ref<number | null>;
  again: () => Promise<void>;
}

interface Kept<T> {
  at: number;
  data: T;
}

const MOST_KEPT = 40;

function keepAnswer(name: string, data: unknown): void {
  save(name, { at: Date.now(), data });
  const all = keys("kept.");
  if (all.length <= MOST_KEPT) return;
  const ages = all.map((key) => [load<Kept<unknown>>(key, { at: 0, data: null }).at, key] as const).sort((one, other) => one[0] - other[0]);
  ages.slice(0, all.length - MOST_KEPT).forEach(([, key]) => save(key, null));
}

/**
 * Load, and load anew when the language changes.
 *
 * @param keep under this name the answer stays on the phone and is shown, with its time, when there is no line. For what
 *   anybody may see only: nothing about a person.
 */
export function useLoad<T>(ask: () => Promise<T>, keep?: string): Loaded<T> {
  const data = shallowRef<T | null>(null), error = shallowRef<unknown>(null);
  const loading = ref(true), keptAt = ref<number | null>(null);
  let turn = 0;

  async function again(): Promise<void> {
    const mine = ++turn;
    const name = keep === undefined ? null : `kept.${language.value}.${keep}`;
    loading.value = true;
    if (name !== null && data.value === null) {
      const before = load<Kept<T> | null>(name, null);
      if (before !== null) {
        data.value = before.data;
        keptAt.value = before.at;
      }
    }
    try {
      const fresh = await ask();
      if (mine !== turn) return;
      data.value = fresh;
      error.value = null;
      keptAt.value = null;
      if (name !== null) keepAnswer(name, fresh);
    } catch (problem) {
      if (mine !== turn) return;
      // something old with its time is better than nothing when the line is bad
      error.value = data.value !== null && isPassing(problem) ? null : problem;
      if (data.value !== null && keptAt.value === null && isPassing(problem)) keptAt.value = Date.now();
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  watch(language, again);
  onScopeDispose(() => {
    turn += 1;
  });
  void again();
  return { data, error, loading, keptAt, again };
}
