import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/notices", area: "notices", screen: () => import("./NoticeList.vue"), verbs: ["round.list_drafts", "request.list"] },
  { path: "/notices/:id", area: "notices", screen: () => import("./Sheet.vue"), verbs: ["public_notice.read"] },
];
