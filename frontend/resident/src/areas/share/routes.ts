import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/q", area: "share", screen: () => import("./Code.vue") },
  { path: "/q/:code", area: "share", screen: () => import("./Code.vue") },
];
