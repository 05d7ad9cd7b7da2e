/** Addresses behind the #, so that any page of ours can be signed, shared and served as one file. */

import { type Component, shallowRef } from "vue";

import { needWords } from "./i18n";

export type Tab = "home" | "talk" | "notices" | "me";

export interface Route {
  /** `/round/:id/rank`; what follows a colon becomes a property of the screen. `?key=` values do too. */
  path: string;
  /** Whose words it needs. */
  area: string;
  screen: () => Promise<{ default: Component }>;
}

export interface Place {
  path: string;
  screen: Component;
  params: Record<string, string>;
}

const found = import.meta.glob<{ routes: Route[] }>("./areas/*/routes.ts", { eager: true });
const table = Object.values(found)
  .flatMap((each) => each.routes)
  .map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replace(/:\w+/g, "([\\w.~-]+)")}$`), names: route.path.match(/:\w+/g) ?? [] }));

/** Where we are; null until the first screen is there. */
export const place = shallowRef<Place | null>(null);
/** What kept a screen from opening. */
export const failure = shallowRef<unknown>(null);

let turn = 0;

/** Open the screen the address names. */
export async function open(): Promise<void> {
  const mine = ++turn;
  const [path = "/", query = ""] = (location.hash.slice(1) || "/").split("?");
  const route = table.find((each) => each.pattern.test(path)) ?? table.find((each) => each.path === "/");
  if (route === undefined) return;
  const values = route.pattern.exec(path)?.slice(1) ?? [];
  const params = Object.fromEntries([
    ...new URLSearchParams(query),
    ...route.names.map((name, at) => [name.slice(1), values[at] ?? ""]),
  ]) as Record<string, string>;
  try {
    const [screen] = await Promise.all([route.screen(), needWords(route.area)]);
    if (mine !== turn) return;
    failure.value = null;
    place.value = { path: location.hash, screen: screen.default, params };
  } catch (error) {
    if (mine === turn) failure.value = error;
  }
}

export function go(hash: string): void {
  location.hash = hash;
}

/** Go on from a page that should not be gone back to. */
export function replace(hash: string): void {
  location.replace(`${location.pathname}${location.search}${hash}`);
}

/** An in-app address out of something typed or sent; `#/` when it is none of ours. */
export function inApp(text: string | undefined): string {
  return text !== undefined && /^#\/[\w\-./~?=&%]*$/.test(text) ? text : "#/";
}
