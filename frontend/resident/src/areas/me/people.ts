/** Who is signed in, as far as a roster says it; asked once for the pages of this area. */

import { answer, api, type Schemas } from "@gongyi/shared/api/client";

export type Home = Schemas["MembershipOut"];

/** Where the service knows the reader to live. */
export const homes = async (): Promise<Home[]> => (await answer(api.GET("/api/v1/me/memberships"))).items;

/** `3栋 2单元 0302`, without the dash that stands for no unit. */
export function dwelling(home: { building: string; unit: string; room: string }): string {
  return [home.building, home.unit, home.room].filter((part) => part !== "-").join(" ");
}
