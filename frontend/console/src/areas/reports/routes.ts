import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/reports", area: "reports", screen: () => import("./Report.vue"), verbs: ["report.read"] },
  { path: "/reports/:code", area: "reports", screen: () => import("./Report.vue"), verbs: ["report.read"] },
];
