import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/objections", area: "objections", screen: () => import("./MyObjections.vue") },
  { path: "/objection/new/:project", area: "objections", screen: () => import("./File.vue") },
  { path: "/objection/:id", area: "objections", screen: () => import("./Objection.vue") },
];
