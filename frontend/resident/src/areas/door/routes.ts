import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/sign-in", area: "door", screen: () => import("./SignIn.vue") },
  { path: "/code", area: "door", screen: () => import("./Code.vue") },
  { path: "/help", area: "door", screen: () => import("./Help.vue") },
  { path: "/enter/:ticket", area: "door", screen: () => import("./Enter.vue") },
  { path: "/leave", area: "door", screen: () => import("./Leave.vue") },
  { path: "/where", area: "door", screen: () => import("./Where.vue") },
  { path: "/register/:community", area: "door", screen: () => import("./Register.vue") },
];
