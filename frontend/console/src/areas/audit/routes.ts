import type { Route } from "../../route";

export const routes: Route[] = [{ path: "/audit", area: "audit", screen: () => import("./Audit.vue"), verbs: ["audit.list", "audit.verify"] }];
