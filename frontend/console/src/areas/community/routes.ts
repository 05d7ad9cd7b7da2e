import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/community", area: "community", screen: () => import("./Community.vue"), verbs: ["committee.change"] },
];
