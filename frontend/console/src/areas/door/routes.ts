import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/sign-in", area: "door", screen: () => import("./SignIn.vue"), open: true },
  { path: "/link/:link", area: "door", screen: () => import("./FirstPassword.vue"), open: true },
];
