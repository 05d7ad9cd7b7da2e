import { needWords } from "../../i18n";
import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/residents", area: "residents", screen: () => import("./ResidentList.vue"), verbs: ["resident.list"] },
  { path: "/residents/imports", area: "residents", screen: () => import("./Imports.vue"), verbs: ["roster.read"] },
  { path: "/residents/imports/:id", area: "residents", screen: () => import("./Import.vue"), verbs: ["roster.read"] },
  { path: "/residents/registrations", area: "residents", screen: () => import("./Registrations.vue"), verbs: ["registration.list"] },
  { path: "/residents/duplicates", area: "residents", screen: () => import("./Duplicates.vue"), verbs: ["duplicate.list"] },
  { path: "/residents/exports", area: "residents", screen: () => needWords("notices").then(() => import("./Exports.vue")), verbs: ["disclosure.list"] },
  { path: "/residents/people/:id", area: "residents", screen: () => import("./Person.vue"), verbs: ["resident.read"] },
];
