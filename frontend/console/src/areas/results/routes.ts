import { needWords } from "../../i18n";
import type { Route } from "../../route";

const READERS = ["round.list_drafts", "request.list", "turnout.read"];

export const routes: Route[] = [
  { path: "/results", area: "results", screen: () => import("./ResultList.vue"), verbs: READERS },
  { path: "/results/:id", area: "results", screen: () => needWords("residents").then(() => import("./Result.vue")), verbs: READERS },
];
