/** Keeps the dot on the tab true: asked when somebody signs in, comes back to the page, or moves on after a while. */

import { api } from "@gongyi/shared/api/client";
import { watch } from "vue";

import { isHelping, signedIn } from "../../session";
import { unread } from "../../unread";

const ASK_AGAIN_MS = 60_000;
let asked = 0;

/** Ask how much was not seen. Whoever has no inbox, or no line, has nothing unread. */
export async function refreshUnread(): Promise<void> {
  if (!signedIn.value || isHelping.value) {
    unread.value = 0;
    return;
  }
  asked = Date.now();
  const { data } = await api.GET("/api/v1/me/notices/unread-count").catch(() => ({ data: undefined }));
  unread.value = data?.unread ?? 0;
}

function perhaps(): void {
  if (!document.hidden && Date.now() - asked > ASK_AGAIN_MS) void refreshUnread();
}

/** From the first screen on. */
export function keepUnread(): void {
  watch([signedIn, isHelping], () => void refreshUnread(), { immediate: true });
  addEventListener("hashchange", perhaps);
  document.addEventListener("visibilitychange", perhaps);
}
