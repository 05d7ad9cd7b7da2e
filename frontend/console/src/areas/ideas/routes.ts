import type { Route } from "../../route";

const verbs = ["idea.list_held"];

export const routes: Route[] = [
  { path: "/ideas", area: "ideas", screen: () => import("./IdeaList.vue"), verbs },
  { path: "/ideas/comments", area: "ideas", screen: () => import("./Comments.vue"), verbs: ["comment.list_held"] },
  { path: "/ideas/policy", area: "ideas", screen: () => import("./Policy.vue"), verbs },
  { path: "/ideas/:id", area: "ideas", screen: () => import("./Idea.vue"), verbs },
  { path: "/ideas/:id/take-up", area: "ideas", screen: () => import("./TakeUp.vue"), verbs: ["idea.take_up"] },
];
