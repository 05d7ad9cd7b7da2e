/** The screens of every area but the first, found by their file. */

import type { Route } from "./route";

const found = import.meta.glob<{ routes: Route[] }>(["./areas/*/routes.ts", "!./areas/home/routes.ts"], { eager: true });

export const routes: Route[] = Object.values(found).flatMap((each) => each.routes);
