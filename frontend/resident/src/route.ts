/** What an area says of its screens. */

import type { Component } from "vue";

export type Tab = "home" | "talk" | "notices" | "me";

export interface Route {
  /** `/round/:id/rank`; what follows a colon becomes a property of the screen. `?key=` values do too. */
  path: string;
  /** Whose words it needs. */
  area: string;
  screen: () => Promise<{ default: Component }>;
}
