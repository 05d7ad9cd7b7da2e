import type { Route } from "../../route";

export const routes: Route[] = [{ path: "/", area: "home", screen: () => import("./Home.vue") }];
