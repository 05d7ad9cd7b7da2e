/** Which community, and which building of it, this phone looks at. */

import { load, save } from "@gongyi/shared/store";
import { ref } from "vue";

export const community = ref(load<string | null>("community", null));
export const building = ref(load<string | null>("building", null));

export function chooseCommunity(code: string): void {
  if (community.value !== code) {
    building.value = null;
    save("building", null);
  }
  community.value = code;
  save("community", code);
}

/** Take what the address says: `?community=510104020001&building=3栋`. */
export function fromAddress(): void {
  const query = new URLSearchParams(location.search);
  const code = query.get("community");
  if (code !== null && /^[0-9]{12}$/.test(code)) chooseCommunity(code);
  const name = query.get("building");
  if (name !== null && name.length <= 40 && community.value !== null) {
    building.value = name;
    save("building", name);
  }
}
