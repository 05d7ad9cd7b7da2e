import type { Route } from "../../route";

const READERS = ["round.list_drafts", "turnout.read", "key_share.list"];

export const routes: Route[] = [
  { path: "/rounds", area: "rounds", screen: () => import("./Rounds.vue"), verbs: READERS },
  { path: "/rounds/calendar", area: "rounds", screen: () => import("./Calendar.vue"), verbs: ["calendar.read"] },
  { path: "/rounds/new", area: "rounds", screen: () => import("./Wizard.vue"), verbs: ["round.draft"] },
  { path: "/rounds/:id", area: "rounds", screen: () => import("./Round.vue"), verbs: READERS },
  { path: "/rounds/:id/edit", area: "rounds", screen: () => import("./Wizard.vue"), verbs: ["round.change"] },
  { path: "/rounds/:id/turnout", area: "rounds", screen: () => import("./Turnout.vue"), verbs: ["turnout.read"] },
  { path: "/rounds/:id/doors", area: "rounds", screen: () => import("./DoorWalk.vue"), verbs: ["door.list"] },
  { path: "/rounds/:id/shares", area: "rounds", screen: () => import("./Shares.vue"), verbs: ["key_share.list"] },
];
