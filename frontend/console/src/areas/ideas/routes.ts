import { needWords } from "../../i18n";
import type { Route } from "../../route";

const verbs = ["idea.list_held"];
/** Parts of projects stand on these screens: their words are there before them. */
const withProjects = <T>(screen: () => Promise<T>) => async (): Promise<T> => {
  await needWords("projects");
  return screen();
};

export const routes: Route[] = [
  { path: "/ideas", area: "ideas", screen: () => import("./IdeaList.vue"), verbs },
  { path: "/ideas/comments", area: "ideas", screen: () => import("./Comments.vue"), verbs: ["comment.list_held"] },
  { path: "/ideas/policy", area: "ideas", screen: () => import("./Policy.vue"), verbs },
  { path: "/ideas/:id", area: "ideas", screen: withProjects(() => import("./Idea.vue")), verbs },
  { path: "/ideas/:id/take-up", area: "ideas", screen: withProjects(() => import("./TakeUp.vue")), verbs: ["idea.take_up"] },
];
