/** Asking the service, and doing things through it: with a fresh code where an act is dangerous. */

import { answer, api } from "@gongyi/shared/api/client";
import { isPassing, Refusal } from "@gongyi/shared/problems";
import { accessToken } from "@gongyi/shared/session";
import { type QueryKey, useMutation, useQuery, useQueryClient, type UseQueryReturnType } from "@tanstack/vue-query";
import { computed, type MaybeRefOrGetter, ref, shallowRef, toValue } from "vue";

import { language } from "./i18n";
import { say } from "./say";

const TRIES = 2;

/** What stands between an act and its repetition: the dialog shows while it is not null. */
export const asked = shallowRef<{ done: (confirmed: boolean) => void } | null>(null);

async function freshCode(): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = {
      done: (confirmed) => {
        asked.value = null;
        resolve(confirmed);
      },
    };
  });
}

/** The service wanted a fresh code and got none. */
export class NotConfirmed extends Error {}

/**
 * Do something; where the service asks for a fresh code first, ask for it and do it again.
 *
 * @throws Refusal, Offline as the call does
 * @throws NotConfirmed the code was not given
 */
export async function act<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "fresh_code_needed") throw error;
    if (!(await freshCode())) throw new NotConfirmed();
    return call();
  }
}

/**
 * What a screen shows, kept while one goes about and asked again when one comes back.
 *
 * @param key names it; `useAct` refreshes by the beginning of such a name
 */
export function useAnswer<T>(key: MaybeRefOrGetter<QueryKey>, ask: () => Promise<T>, options: { when?: MaybeRefOrGetter<boolean>; every?: MaybeRefOrGetter<number | false> } = {}): UseQueryReturnType<T, Error> {
  return useQuery({
    queryKey: computed(() => [...toValue(key), language.value]),
    queryFn: ask,
    enabled: computed(() => toValue(options.when) ?? true),
    refetchInterval: () => toValue(options.every) ?? false,
    retry: (failures, error) => failures < TRIES && isPassing(error),
  });
}

/**
 * One act of a screen: runs, keeps its error for `Problem`, says that it is done, refreshes what it has changed.
 *
 * @param refresh beginnings of the names of what has to be asked for again
 */
export function useAct<In = void, Out = unknown>(call: (given: In) => Promise<Out>, options: { refresh?: QueryKey[]; said?: string | ((out: Out) => string); done?: (out: Out, given: In) => unknown } = {}) {
  const client = useQueryClient();
  const error = ref<unknown>(null);
  const mutation = useMutation({
    mutationFn: (given: In) => act(() => call(given)),
    onMutate: () => {
      error.value = null;
    },
    onError: (problem) => {
      error.value = problem instanceof NotConfirmed ? null : problem;
    },
    onSuccess: async (out, given) => {
      await Promise.all((options.refresh ?? []).map((queryKey) => client.invalidateQueries({ queryKey })));
      if (options.said !== undefined) say(typeof options.said === "string" ? options.said : options.said(out));
      await options.done?.(out, given);
    },
  });
  return {
    error,
    busy: mutation.isPending,
    /** Runs it; what goes wrong stands in `error` and is not thrown. */
    run: (given: In) => mutation.mutateAsync(given).catch(() => undefined) as Promise<Out | undefined>,
  };
}

/**
 * Fetch a file with the session's token and hand it to the browser.
 *
 * @param path of the API, with its query
 * @throws Refusal as `answer`
 */
export async function download(path: string, name: string, init: { method?: string; body?: unknown } = {}): Promise<void> {
  const blob = await act(async () => {
    const token = await accessToken();
    const response = await fetch(path, {
      method: init.method ?? "GET",
      headers: {
        "Accept-Language": language.value,
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(init.body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: init.body === undefined ? undefined : JSON.stringify(init.body),
      cache: "no-store",
    });
    if (!response.ok) throw new Refusal(response.status, (await response.json().catch(() => ({}))) as Record<string, unknown>, response.headers.get("Retry-After"));
    return response.blob();
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** All pages of a list, up to a bound that no screen passes. */
export async function everything<T>(page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor?: string | null }>, most = 5000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const found = await page(cursor);
    items.push(...found.items);
    cursor = found.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return items;
}

export { answer, api };
