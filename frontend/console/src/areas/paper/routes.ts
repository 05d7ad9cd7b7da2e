import type { Route } from "../../route";

export const routes: Route[] = [
  { path: "/paper", area: "paper", screen: () => import("./PaperRounds.vue"), verbs: ["paper_batch.list"] },
  { path: "/paper/codes", area: "paper", screen: () => import("./Codes.vue"), verbs: ["paper_code.count"] },
  { path: "/paper/rounds/:id", area: "paper", screen: () => import("./Batches.vue"), verbs: ["paper_batch.list"] },
  { path: "/paper/rounds/:id/desk", area: "paper", screen: () => import("./SignInDesk.vue"), verbs: ["paper.sign_in"] },
  { path: "/paper/rounds/:id/reconciliation", area: "paper", screen: () => import("./Reconciliation.vue"), verbs: ["paper.reconcile"] },
  { path: "/paper/batches/:id", area: "paper", screen: () => import("./Batch.vue"), verbs: ["paper_batch.read"] },
  { path: "/paper/batches/:id/keying", area: "paper", screen: () => import("./Keying.vue"), verbs: ["paper_sheet.draft"] },
  { path: "/paper/batches/:id/comparison", area: "paper", screen: () => import("./Comparison.vue"), verbs: ["paper_sheet.compare"] },
];
