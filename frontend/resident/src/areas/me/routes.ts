import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/me", area: "me", screen: () => import("./Me.vue") },
  { path: "/me/receipts", area: "me", screen: () => import("./Receipts.vue") },
  { path: "/me/household", area: "me", screen: () => import("./Household.vue") },
  { path: "/me/devices", area: "me", screen: () => import("./Devices.vue") },
  { path: "/me/data", area: "me", screen: () => import("./MyData.vue") },
  { path: "/me/data/export", area: "me", screen: () => import("./Export.vue") },
  { path: "/me/data/delete", area: "me", screen: () => import("./Delete.vue") },
  { path: "/consent", area: "me", screen: () => import("./AskConsent.vue") },
  { path: "/privacy", area: "me", screen: () => import("./Notice.vue") },
  { path: "/about", area: "me", screen: () => import("./About.vue") },
];
