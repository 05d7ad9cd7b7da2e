import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/accounts", area: "accounts", screen: () => import("./Accounts.vue"), verbs: ["account.list"] },
  { path: "/accounts/:id", area: "accounts", screen: () => import("./Account.vue"), verbs: ["account.list"] },
  { path: "/platforms", area: "accounts", screen: () => import("./Platforms.vue"), verbs: ["client.list"] },
  { path: "/platforms/endpoints/:id", area: "accounts", screen: () => import("./Endpoint.vue"), verbs: ["endpoint.list"] },
];
