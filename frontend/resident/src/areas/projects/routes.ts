import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/projects", area: "projects", screen: () => import("./ProjectList.vue") },
  { path: "/project/:id", area: "projects", screen: () => import("./Project.vue") },
];
