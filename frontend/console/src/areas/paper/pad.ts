/** What one person keys of a batch: shown at once, kept on this computer until the service has it, sent again by itself. */

import { answer, api } from "@gongyi/shared/api/client";
import { isPassing, Refusal } from "@gongyi/shared/problems";
import { load, save } from "@gongyi/shared/store";
import { computed, onBeforeUnmount, onMounted, ref, shallowReactive } from "vue";

import type { Says } from "./line";

export interface Line extends Says {
  serial: string;
  /** `refused`: the service does not take it, and says why. */
  state: "waiting" | "saved" | "refused";
  detail: string;
}

const AGAIN_IN_MS = 3_000, MOST_AT_ONCE = 500;

export function usePad(batch: string) {
  const key = `paper.unsent.${batch}`;
  const lines = shallowReactive(new Map<string, Line>());
  const offline = ref(false);
  const problem = ref<unknown>(null);
  const waiting = computed(() => [...lines.values()].filter((each) => each.state === "waiting"));
  let sending = false, timer: ReturnType<typeof setTimeout> | undefined;

  const keep = (): boolean => save(key, waiting.value.length === 0 ? null : waiting.value);

  /** Take what the service has, and what this computer has not been able to send. */
  function restore(drafts: readonly { serial: string; numbers: number[] | null; void: Says["void"] }[]): void {
    for (const each of drafts) {
      if (lines.has(each.serial)) continue;
      lines.set(each.serial, { serial: each.serial, numbers: each.numbers ?? [], void: each.void, state: "saved", detail: "" });
    }
    for (const each of load<Line[]>(key, [])) if (lines.get(each.serial)?.state !== "waiting") write(each);
    void flush();
  }

  /** The newest line stands last. */
  function write(line: Line): void {
    lines.delete(line.serial);
    lines.set(line.serial, line);
  }

  function put(serial: string, says: Says): void {
    write({ serial, ...says, state: "waiting", detail: "" });
    keep();
    void flush();
  }

  async function strike(serial: string): Promise<void> {
    const line = lines.get(serial);
    lines.delete(serial);
    keep();
    if (line === undefined || line.state === "refused") return;
    try {
      await answer(api.POST("/api/v1/paper-batches/{batch_id}/drafts/remove", { params: { path: { batch_id: batch } }, body: { serial } }));
    } catch (error) {
      // it never got there: nothing has to be taken away
      if (error instanceof Refusal && error.code === "sheet_not_keyed") return;
      write(line);
      problem.value = error;
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    if (sending) return;
    sending = true;
    try {
      while (waiting.value.length > 0) {
        const portion = waiting.value.slice(0, MOST_AT_ONCE);
        const sheets = portion.map((each) => ({ serial: each.serial, ...(each.void === null ? { numbers: each.numbers } : { void: each.void }) }));
        const told = await answer(api.PUT("/api/v1/paper-batches/{batch_id}/drafts", { params: { path: { batch_id: batch } }, body: { sheets } }));
        for (const [at, each] of portion.entries()) {
          // what was mended while it was on its way goes again
          if (lines.get(each.serial) !== each) continue;
          const said = told.items[at];
          lines.set(each.serial, { ...each, state: said?.taken === true ? "saved" : "refused", detail: said?.detail ?? "" });
        }
        keep();
        offline.value = false;
        problem.value = null;
      }
    } catch (error) {
      offline.value = isPassing(error);
      problem.value = offline.value ? null : error;
      if (offline.value) timer = setTimeout(() => void flush(), AGAIN_IN_MS);
    } finally {
      sending = false;
    }
  }

  /** Forget those that are handed over. */
  function drop(serials: readonly string[]): void {
    serials.forEach((each) => lines.delete(each));
  }

  /** What could not be handed over stays, with the reason. */
  function refuse(serial: string, detail: string): void {
    const line = lines.get(serial);
    if (line !== undefined) write({ ...line, state: "refused", detail });
  }

  const online = (): void => void flush();
  onMounted(() => addEventListener("online", online));
  onBeforeUnmount(() => {
    removeEventListener("online", online);
    clearTimeout(timer);
  });

  return { lines, waiting, offline, problem, restore, put, strike, flush, refuse, drop };
}
