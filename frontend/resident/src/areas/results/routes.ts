import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/result/:id", area: "results", screen: () => import("./Result.vue") },
  { path: "/decision/:id", area: "results", screen: () => import("./Decision.vue") },
  { path: "/rounds", area: "results", screen: () => import("./Rounds.vue") },
];
