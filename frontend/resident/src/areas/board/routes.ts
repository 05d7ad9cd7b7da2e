import type { Route } from "../../route";

export const routes: Route[] = [{ path: "/notices", area: "board", screen: () => import("./Board.vue") }];
