import type { Route } from "../../router";

export const routes: Route[] = [{ path: "/notices", area: "board", screen: () => import("./Board.vue") }];
