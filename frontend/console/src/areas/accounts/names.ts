/** What places are called, and what may be given there. */

import { computed, type MaybeRefOrGetter, toValue } from "vue";

import { answer, api, useAnswer } from "../../act";
import { t as common, type Translate } from "../../i18n";

export const WHOLE_COUNTRY = "000000000000";

/** Roles a person can be given, from the committee up. */
export const ROLES = [
  "rc_staff", "rc_chair", "supervisor", "mediator", "objection_officer", "subdistrict_officer", "district_officer",
  "bureau_reviewer", "finance_reviewer", "municipal_monitor", "auditor", "administrator",
] as const;
/** What a government's system can be allowed. */
export const SCOPES = ["funding:read", "funding:decide", "project:read", "stats:read", "webhook:manage"] as const;

export const roleName = (t: Translate, role: string): string => (role.includes(":") ? t(`scope_${role.replace(":", "_")}`) : t(`role_${role}`));

/** Names of several divisions, with the one above each: 花果园街道 花果园大街社区. */
export function useNames(codes: MaybeRefOrGetter<string[]>) {
  const wanted = computed(() => [...new Set(toValue(codes))].filter((code) => code !== WHOLE_COUNTRY).sort());
  const found = useAnswer(
    () => ["division names", ...wanted.value],
    async () => new Map(await Promise.all(wanted.value.map(async (code) => [code, await nameOf(code)] as const))),
    { when: () => wanted.value.length > 0 },
  );
  return (code: string): string => (code === WHOLE_COUNTRY ? common("whole_country") : (found.data.value?.get(code) ?? code));
}

async function nameOf(code: string): Promise<string> {
  const known = await answer(api.GET("/api/v1/divisions/{code}", { params: { path: { code } } })).catch(() => null);
  if (known === null) return code;
  const above = known.level > 3 ? known.ancestors[known.ancestors.length - 1]?.name : undefined;
  return [above, known.name].filter(Boolean).map((name) => name!.replace(/(居民委员会|办事处)$/, "")).join(" ");
}
