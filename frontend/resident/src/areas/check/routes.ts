import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/check", area: "check", screen: () => import("./Choose.vue") },
  { path: "/check/:id", area: "check", screen: () => import("./Check.vue") },
];
