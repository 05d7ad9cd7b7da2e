import type { Route } from "../../route";
import Home from "./Home.vue";

// the first screen is in the first file: one journey over a slow line less
export const routes: Route[] = [
  { path: "/", area: "home", screen: () => Promise.resolve({ default: Home }) },
  { path: "/nowhere", area: "home", screen: () => import("./Nowhere.vue") },
  { path: "/communities", area: "home", screen: () => import("./Communities.vue") },
];
