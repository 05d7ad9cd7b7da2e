/** Who works here now, what they may do, and where. */

import { answer, api, type Schemas } from "@gongyi/shared/api/client";
import { forget, onSession, signedIn, who } from "@gongyi/shared/session";
import { load, save } from "@gongyi/shared/store";
import { computed, ref, shallowRef } from "vue";

export interface Place {
  code: string;
  name: string;
}

type Known = Schemas["Me"];

export const me = shallowRef<Known | null>(null);
/** Where the account holds a role, by name. */
export const places = shallowRef<Place[]>([]);
const chosen = ref<string | null>(null);

/** The division whose things are shown; most accounts have one only. */
export const place = computed<Place | null>(() => places.value.find((each) => each.code === chosen.value) ?? places.value[0] ?? null);
/** Its code, for calls that ask for one; a screen is not shown before there is one. */
export const division = computed<string>(() => place.value?.code ?? "000000000000");
/** Roles over the chosen place. */
export const roles = computed<string[]>(() => [...new Set((me.value?.grants ?? []).filter((each) => covers(each.division, division.value)).map((each) => each.role))]);

export function choosePlace(code: string): void {
  chosen.value = code;
  save("place", code);
}

/** Whether a division lies in another, or is it: codes of twelve digits, ended by zeros (GB/T 2260, 10114). */
export function covers(above: string, below: string): boolean {
  const levels = [0, 2, 4, 6, 9, 12];
  const depth = levels.find((length) => above.slice(length) === "0".repeat(12 - length)) ?? 12;
  return below.startsWith(above.slice(0, depth));
}

/** Whether any of these may be attempted at all; the service has the last word each time. */
export function may(...verbs: string[]): boolean {
  return verbs.some((verb) => me.value?.verbs.includes(verb));
}

/** Ask who is signed in; null when nobody is. */
export async function meet(): Promise<Known | null> {
  if (!signedIn()) {
    me.value = null;
    return null;
  }
  if (me.value !== null && me.value.account_id === who()) return me.value;
  const found = await answer(api.GET("/api/v1/me", {}));
  if (found.kind !== "staff") {
    forget();
    return null;
  }
  const codes = [...new Set(found.grants.map((each) => each.division))];
  places.value = await Promise.all(codes.map(nameOf));
  chosen.value = load<string | null>("place", null);
  me.value = found;
  return found;
}

async function nameOf(code: string): Promise<Place> {
  if (code === "000000000000") return { code, name: "" };
  try {
    const found = await answer(api.GET("/api/v1/divisions/{code}", { params: { path: { code } } }));
    return { code, name: found.name };
  } catch {
    return { code, name: code };
  }
}

/** Look again: what one may do has changed. */
export async function meetAgain(): Promise<void> {
  me.value = null;
  await meet();
}

onSession(() => {
  if (me.value !== null && me.value.account_id !== who()) me.value = null;
});
