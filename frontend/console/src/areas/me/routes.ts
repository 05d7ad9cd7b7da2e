import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/me", area: "me", screen: () => import("./Me.vue") },
  { path: "/me/second-factor", area: "me", screen: () => import("./SecondFactor.vue") },
];
