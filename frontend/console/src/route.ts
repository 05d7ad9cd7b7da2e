/** What an area says of its screens, and what stands in the navigation. */

import type { Component } from "vue";

export interface Route {
  /** `/rounds/:id/turnout`; what follows a colon becomes a property of the screen. */
  path: string;
  /** Whose words it needs. */
  area: string;
  screen: () => Promise<{ default: Component }>;
  /** Any of these verbs opens it; none named: whoever is signed in. */
  verbs?: readonly string[];
  /** Shown without the frame, to people who are not signed in. */
  open?: boolean;
}
