import type { Route } from "../../route";

const verbs = ["project.list_drafts"];

export const routes: Route[] = [
  { path: "/projects", area: "projects", screen: () => import("./ProjectList.vue"), verbs },
  { path: "/projects/new", area: "projects", screen: () => import("./NewProject.vue"), verbs: ["project.draft"] },
  { path: "/projects/import", area: "projects", screen: () => import("./ImportList.vue"), verbs: ["project_list.preview"] },
  { path: "/projects/either-or", area: "projects", screen: () => import("./EitherOr.vue"), verbs: ["exclusion.list"] },
  { path: "/projects/:id", area: "projects", screen: () => import("./Project.vue"), verbs },
];
