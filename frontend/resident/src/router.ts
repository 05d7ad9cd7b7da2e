/** Addresses behind the #, so that any page of ours can be signed, shared and served as one file. */

import { signedIn } from "@gongyi/shared/session";
import { load } from "@gongyi/shared/store";
import { type Component, shallowRef } from "vue";

import { routes as homeRoutes } from "./areas/home/routes";
import { needWords } from "./i18n";
import type { Route } from "./route";

export interface Place {
  path: string;
  screen: Component;
  params: Record<string, string>;
}

interface Known extends Route {
  pattern: RegExp;
  names: string[];
}

function known(route: Route): Known {
  const pattern = new RegExp(`^${route.path.replace(/:\w+/g, "([\\w.~-]+)")}$`);
  return { ...route, pattern, names: (route.path.match(/:\w+/g) ?? []).map((name) => name.slice(1)) };
}

// the first screen's routes come with it, the others when the first of them is asked for, or there is time
const first = homeRoutes.map(known);
let others: Promise<Known[]> | null = null;
const theOthers = (): Promise<Known[]> => (others ??= import("./routes").then(({ routes }) => routes.map(known)));

async function find(path: string): Promise<Known> {
  const here = first.find((each) => each.pattern.test(path));
  if (here !== undefined) return here;
  return (await theOthers()).find((each) => each.pattern.test(path)) ?? first.find((each) => each.path === "/nowhere")!;
}

/** Fetch the screens that are likely to be next, so that they open at once, and without a line. */
export async function prepare(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const route = await find(path);
    await Promise.all([route.screen(), needWords(route.area)]);
  }
}

/** Where we are; null until the first screen is there. */
export const place = shallowRef<Place | null>(null);
/** What kept a screen from opening. */
export const failure = shallowRef<unknown>(null);

/** Kept while somebody has signed in and not yet said whether they agree: nothing else opens before. */
export const CONSENT_PENDING = "consent-pending";
const BEFORE_CONSENT = /^\/(consent|privacy|about|sign-in|leave)$/;

let turn = 0;

/** Open the screen the address names. */
export async function open(): Promise<void> {
  const mine = ++turn;
  const [path = "/", query = ""] = (location.hash.slice(1) || "/").split("?");
  if (signedIn() && load(CONSENT_PENDING, false) && !BEFORE_CONSENT.test(path)) {
    replace(`#/consent?next=${encodeURIComponent(location.hash || "#/")}`);
    return;
  }
  try {
    const route = await find(path);
    const values = route.pattern.exec(path)?.slice(1) ?? [];
    const params = Object.fromEntries([
      ...new URLSearchParams(query),
      ...route.names.map((name, at) => [name, values[at] ?? ""]),
    ]) as Record<string, string>;
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
