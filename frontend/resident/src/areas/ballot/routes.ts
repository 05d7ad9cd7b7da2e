import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/round/:id", area: "ballot", screen: () => import("./Choose.vue") },
  { path: "/round/:id/rank", area: "ballot", screen: () => import("./Rank.vue") },
  { path: "/round/:id/review", area: "ballot", screen: () => import("./Review.vue") },
  { path: "/round/:id/receipt", area: "ballot", screen: () => import("./Receipt.vue") },
];
