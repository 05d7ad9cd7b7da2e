/** Addresses behind the #, so that any page can be served as one file, also below a path of a government's portal. */

import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";

import { needWords } from "./i18n";
import { may, meet } from "./me";
import type { Route } from "./route";

const SET_UP = "/me/second-factor";

declare module "vue-router" {
  interface RouteMeta {
    area: string;
    verbs: readonly string[];
    open: boolean;
  }
}

const found = import.meta.glob<{ routes: Route[] }>("./areas/*/routes.ts", { eager: true });

const record = (route: Route): RouteRecordRaw => ({
  path: route.path,
  component: route.screen,
  props: (to) => ({ ...Object.fromEntries(Object.entries(to.query).filter(([, value]) => typeof value === "string")), ...to.params }),
  meta: { area: route.area, verbs: route.verbs ?? [], open: route.open ?? false },
});

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    ...Object.values(found).flatMap((each) => each.routes).map(record),
    { path: "/not-yours", component: () => import("./parts/NotYours.vue"), meta: { area: "home", verbs: [], open: false } },
    { path: "/:rest(.*)*", component: () => import("./parts/Nowhere.vue"), meta: { area: "home", verbs: [], open: false } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach(async (to) => {
  await needWords(to.meta.area);
  if (to.meta.open) return true;
  const known = await meet();
  if (known === null) return { path: "/sign-in", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
  // until the authenticator app is set up the service answers nothing else
  if (known.second_factor.required && !known.second_factor.enrolled && to.path !== SET_UP) return { path: SET_UP, replace: true };
  // an address may be typed: what is not theirs is said so, and the service refuses besides
  if (to.meta.verbs.length > 0 && !may(...to.meta.verbs)) return { path: "/not-yours", replace: true };
  return true;
});

/** An address of ours out of something typed or sent; the desk when it is none. */
export function inConsole(text: unknown): string {
  return typeof text === "string" && /^\/(?!\/)[\w\-./~?=&%]*$/.test(text) ? text : "/";
}
