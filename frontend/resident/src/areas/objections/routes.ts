import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/objections", area: "objections", screen: () => import("./MyObjections.vue") },
  { path: "/objection/new/:project", area: "objections", screen: () => import("./File.vue") },
  { path: "/volunteer", area: "objections", screen: () => import("./Volunteer.vue") },
  { path: "/volunteer/:id", area: "objections", screen: () => import("./Helping.vue") },
  { path: "/objection/:id", area: "objections", screen: () => import("./Objection.vue") },
];
