import { needWords } from "../../i18n";
import type { Route } from "../../route";

// the picker of places brings its words from there
const screen = () => needWords("notices").then(() => import("./Audit.vue"));

export const routes: Route[] = [{ path: "/audit", area: "audit", screen, verbs: ["audit.list", "audit.verify"] }];
