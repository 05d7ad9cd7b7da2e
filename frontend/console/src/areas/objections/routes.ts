import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/objections", area: "objections", screen: () => import("./Objections.vue"), verbs: ["objection.list_cases", "objection.read_statistics"] },
  { path: "/objections/statistics", area: "objections", screen: () => import("./Statistics.vue"), verbs: ["objection.read_statistics"] },
  { path: "/objections/:id", area: "objections", screen: () => import("./Case.vue"), verbs: ["objection.view_case"] },
];
