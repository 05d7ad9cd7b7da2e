import type { Route } from "../../route";
import { keepUnread } from "./keep";

keepUnread();

export const routes: Route[] = [
  { path: "/me/notices", area: "notices", screen: () => import("./Inbox.vue") },
  { path: "/me/notice-settings", area: "notices", screen: () => import("./Settings.vue") },
];
