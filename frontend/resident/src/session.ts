/** The session as something screens can watch. */

import { api } from "@gongyi/shared/api/client";
import * as session from "@gongyi/shared/session";
import { helping } from "@gongyi/shared/store";
import { computed, ref } from "vue";

const changes = ref(0);
session.onSession(() => {
  changes.value += 1;
});

export const signedIn = computed(() => (changes.value, session.signedIn()));
/** Whether somebody else is helped on this phone just now. */
export const isHelping = computed(() => (changes.value, helping()));

/** Sign out, or end helping; the phone forgets even when the service cannot be reached. */
export async function signOut(): Promise<void> {
  const helped = helping();
  await api.DELETE("/api/v1/auth/session").catch(() => undefined);
  if (helped === helping()) session.forget();
}
