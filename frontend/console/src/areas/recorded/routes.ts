import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/paper/owners/:id", area: "recorded", screen: () => import("./Forms.vue"), verbs: ["form.list"] },
  { path: "/paper/owners/:id/proxies", area: "recorded", screen: () => import("./Proxies.vue"), verbs: ["proxy.list_entered"] },
  { path: "/paper/owners/:id/roll", area: "recorded", screen: () => import("./OwnersRoll.vue"), verbs: ["owners_roll.list"] },
];
