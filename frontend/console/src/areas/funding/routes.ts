import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/funding", area: "funding", screen: () => import("./Requests.vue"), verbs: ["request.list"] },
  { path: "/funding/policies", area: "funding", screen: () => import("./Policies.vue"), verbs: ["request.list", "cost_policy.set"] },
  { path: "/funding/deliveries", area: "funding", screen: () => import("./Deliveries.vue"), verbs: ["delivery.list_recent"] },
  { path: "/funding/:id", area: "funding", screen: () => import("./Request.vue"), verbs: ["request.read"] },
];
