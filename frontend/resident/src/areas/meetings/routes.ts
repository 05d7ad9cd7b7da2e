import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/meetings", area: "meetings", screen: () => import("./MeetingList.vue") },
  { path: "/meeting/:id", area: "meetings", screen: () => import("./Meeting.vue") },
  { path: "/door/:code", area: "meetings", screen: () => import("./Door.vue") },
];
