/** The navigation, as the desk is ordered; an item shows where its screen exists and the account may use it. */

export interface Item {
  path: string;
  /** Its words: `nav_<key>`. */
  key: string;
  verbs: readonly string[];
  /** Who holds one of these comes to it another way. */
  unless?: readonly string[];
  /** Begins the second group. */
  apart?: boolean;
}

export const NAV: readonly Item[] = [
  { path: "/", key: "home", verbs: [] },
  { path: "/residents", key: "residents", verbs: ["resident.list"] },
  { path: "/projects", key: "projects", verbs: ["project.list_drafts"] },
  { path: "/ideas", key: "ideas", verbs: ["idea.list_held"] },
  { path: "/rounds", key: "rounds", verbs: ["round.list_drafts", "turnout.read", "key_share.list"] },
  { path: "/paper", key: "paper", verbs: ["paper_batch.list"] },
  { path: "/results", key: "results", verbs: ["round.list_drafts", "request.list", "turnout.read"] },
  { path: "/meetings", key: "meetings", verbs: ["minutes.read_drafts", "minutes.print"] },
  { path: "/objections", key: "objections", verbs: ["objection.list_cases", "objection.read_statistics"] },
  { path: "/funding", key: "funding", verbs: ["request.list"] },
  { path: "/notices", key: "notices", verbs: ["round.list_drafts", "request.list"] },
  { path: "/community", key: "community", verbs: ["committee.change"] },
  { path: "/reports", key: "reports", verbs: ["report.read"], apart: true },
  { path: "/accounts", key: "accounts", verbs: ["account.list"], apart: true },
  { path: "/platforms", key: "platforms", verbs: ["endpoint.list"], apart: true },
  { path: "/residents/exports", key: "disclosures", verbs: ["disclosure.list"], unless: ["resident.list"], apart: true },
  { path: "/audit", key: "audit", verbs: ["audit.list", "audit.verify"], apart: true },
  { path: "/me", key: "me", verbs: [], apart: true },
];
