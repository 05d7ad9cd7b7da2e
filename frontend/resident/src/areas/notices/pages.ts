/** A list that comes page by page: the first by itself, the next ones when asked for. */

import { computed, type ComputedRef, ref, type Ref, shallowRef, type ShallowRef, watch } from "vue";

import { type Loaded, useLoad } from "../../load";

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Pages<T> {
  first: Loaded<Page<T>>;
  items: ComputedRef<T[]>;
  /** Whether there is more to ask for. */
  more: ComputedRef<boolean>;
  coming: Ref<boolean>;
  problem: ShallowRef<unknown>;
  next: () => Promise<void>;
}

/** @param keep as in `useLoad`; the first page stays on the phone. */
export function usePages<T>(ask: (cursor: string | undefined) => Promise<Page<T>>, keep?: string): Pages<T> {
  const first = useLoad(() => ask(undefined), keep);
  const later = shallowRef<T[]>([]), cursor = ref<string | null>(null);
  const coming = ref(false), problem = shallowRef<unknown>(null);
  watch(first.data, (page) => {
    later.value = [];
    cursor.value = page?.next_cursor ?? null;
  });

  async function next(): Promise<void> {
    const begun = first.data.value;
    if (cursor.value === null || coming.value) return;
    coming.value = true;
    problem.value = null;
    try {
      const page = await ask(cursor.value);
      if (first.data.value !== begun) return;
      later.value = [...later.value, ...page.items];
      cursor.value = page.next_cursor;
    } catch (error) {
      problem.value = error;
    } finally {
      coming.value = false;
    }
  }

  return {
    first, coming, problem, next,
    items: computed(() => [...(first.data.value?.items ?? []), ...later.value]),
    more: computed(() => cursor.value !== null && first.keptAt.value === null),
  };
}
