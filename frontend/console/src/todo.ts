/** How many things wait in each part of the desk, for the navigation. */

import { shallowReactive } from "vue";

const counts = shallowReactive(new Map<string, number>());

/** By the key of the navigation's item; 0 when nothing is known. */
export const todo = (key: string): number => counts.get(key) ?? 0;

/** Take the numbers the desk has answered. */
export function noteTodo(found: Readonly<Record<string, number>>): void {
  counts.clear();
  for (const [key, number] of Object.entries(found)) counts.set(key, number);
}
