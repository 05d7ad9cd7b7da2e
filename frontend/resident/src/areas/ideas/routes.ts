import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/ideas", area: "ideas", screen: () => import("./IdeaList.vue") },
  { path: "/ideas/new", area: "ideas", screen: () => import("./NewIdea.vue") },
  { path: "/ideas/mine", area: "ideas", screen: () => import("./MyIdeas.vue") },
  { path: "/idea/:id", area: "ideas", screen: () => import("./Idea.vue") },
  { path: "/ideas/:id", area: "ideas", screen: () => import("./Idea.vue") },
];
