/** A draft in the making: what the wizard's steps change, and how it is kept on the server. */

import { act, answer, api } from "../../act";
import type { Schemas } from "@gongyi/shared/api/client";
import { useQueryClient } from "@tanstack/vue-query";
import { computed, reactive, ref, watch } from "vue";

import { inDays, instant, type Listed, local, type Round, tied } from "./rounds";

type Body = Schemas["RoundIn"];
export type Kind = Body["kind"];
export type Rule = NonNullable<Body["rule"]>;

export interface Form {
  title: string;
  description: string;
  kind: Kind;
  electorate: Body["electorate"];
  communities: string[];
  matter: Schemas["OwnersMatter"] | null;
  question: string;
  projects: string[];
  groups: string[][];
  forced: string[];
  budget: number | null;
  /** What stands in the field is no amount. */
  budgetWrong: boolean;
  /** Empty while the field is. */
  most: number | "";
  rule: Rule;
  skip: boolean;
  ties: NonNullable<Body["ties"]>;
  threshold: number | null;
  paper: NonNullable<Body["paper"]>;
  custody: NonNullable<Body["custody"]>;
  opens: string;
  closes: string;
  shortNotice: string;
}

const PAUSE_MS = 1500;
const NOTICE_DAYS: Record<Kind, number> = { consultation: 3, residents_meeting: 11, owners_decision: 16 };
const VOTING_DAYS = 7;
/** Rules that divide the money, and mean nothing without any. */
export const DIVIDING: readonly Rule[] = ["rank-mes", "mes", "pb-ear"];

/** The first day on which a round of this kind may open, and a week of voting. */
export function usualDates(kind: Kind): { opens: string; closes: string } {
  return { opens: inDays(NOTICE_DAYS[kind], 9), closes: inDays(NOTICE_DAYS[kind] + VOTING_DAYS, 20) };
}

export function emptyForm(communities: string[]): Form {
  return {
    title: "", description: "", kind: "consultation", electorate: "person", communities, matter: null, question: "", projects: [], groups: [],
    forced: [], budget: null, budgetWrong: false, most: 5, rule: "rank-mes", skip: true, ties: "lot", threshold: null, paper: "first_wins", custody: "local",
    ...usualDates("consultation"), shortNotice: "",
  };
}

export function formOf(round: Round, listed: readonly Listed[]): Form {
  const { groups, forced } = tied(listed);
  return {
    title: round.title, description: round.description, kind: round.kind, electorate: round.electorate, communities: round.community_codes,
    matter: round.matter, question: round.question ?? "", projects: listed.map((each) => each.project_id), groups, forced, budget: round.budget_fen, budgetWrong: false,
    most: round.max_rank ?? 5,
    // a list without money yet is kept as an order; with money the fair rule is the usual one
    rule: round.budget_fen === null && round.rule === "greedy" ? "rank-mes" : (round.rule ?? "rank-mes"),
    skip: round.skip ?? true, ties: round.ties ?? "lot", threshold: round.threshold, paper: round.paper, custody: round.custody,
    opens: local(round.opens_at), closes: local(round.closes_at), shortNotice: round.short_notice_reason ?? "",
  };
}

/** The rule that is kept: one that divides money waits for some, and until then points order the list. */
export const ruleOf = (form: Form): Rule => (form.budget === null && DIVIDING.includes(form.rule) ? "greedy" : form.rule);

export const MOST_CHOICES = 50;
type StepName = "what" | "money" | "dates";
/** A field that cannot be kept so, the step it stands on, and what is said under it. */
export interface Wrong {
  field: "title" | "communities" | "matter" | "question" | "budget" | "most" | "opens" | "closes";
  step: StepName;
  words: string;
}

/** What keeps a form from being kept. */
export function wrongIn(form: Form): Wrong[] {
  const found: Wrong[] = [];
  const note = (step: StepName, field: Wrong["field"], words: string): number => found.push({ step, field, words });
  if (form.title.trim() === "") note("what", "title", "wrong_title");
  if (form.communities.length === 0) note("what", "communities", "wrong_communities");
  if (form.kind === "owners_decision") {
    if (form.matter === null) note("what", "matter", "wrong_matter");
    if (form.question.trim().length < 2) note("what", "question", "wrong_question");
  } else {
    if (form.budgetWrong) note("money", "budget", "amount_wrong");
    else if (form.budget === 0) note("money", "budget", "wrong_budget");
    if (!Number.isInteger(form.most) || Number(form.most) < 1 || Number(form.most) > MOST_CHOICES) note("money", "most", "wrong_most");
  }
  if (form.opens === "") note("dates", "opens", "wrong_opens");
  if (form.closes === "") note("dates", "closes", "wrong_closes");
  else if (form.opens !== "" && form.closes <= form.opens) note("dates", "closes", "wrong_order");
  return found;
}

/** The settings of a rule that the wizard does not ask for; kept as they were as long as the rule is the same. */
const KEPT = ["points", "completion", "until", "fill", "comparison", "part_percent", "unranked", "priority"] as const;

export function bodyOf(form: Form, division: string, before: Round | null): Body {
  const recorded = form.kind === "owners_decision";
  const common = {
    division_code: division, community_codes: form.communities, title: form.title.trim(), description: form.description, kind: form.kind,
    electorate: recorded ? "owner" : form.electorate, opens_at: instant(form.opens), closes_at: instant(form.closes),
    short_notice_reason: form.shortNotice.trim() || null,
  } as const;
  if (recorded) return { ...common, matter: form.matter, question: form.question.trim() || null, paper: "none" } as Body;
  const rule = ruleOf(form);
  const kept = before !== null && before.rule === rule ? Object.fromEntries(KEPT.map((name) => [name, before[name] ?? undefined])) : {};
  const here = new Set(form.projects);
  return {
    ...common, ...kept, matter: null, question: null, project_ids: form.projects,
    exclusive_groups: form.groups.map((group) => group.filter((id) => here.has(id))).filter((group) => group.length > 1),
    forced_in: form.forced.filter((id) => here.has(id)), max_rank: form.most, budget_fen: form.budget, rule,
    skip: DIVIDING.includes(rule) ? true : form.skip, ties: form.ties, threshold: form.threshold, paper: form.paper, custody: form.custody,
  } as Body;
}

/** A form that keeps itself on the server, a moment after each change, in its order. */
export function useDraft(start: Form, division: string, read: Round | null) {
  const client = useQueryClient();
  const form = reactive(JSON.parse(JSON.stringify(start)) as Form);
  const round = ref<Round | null>(read);
  const savedAt = ref<Date | null>(null);
  const error = ref<unknown>(null);
  const busy = ref(false);
  let kept = JSON.stringify(read === null ? null : bodyOf(form, division, read));
  let running: Promise<boolean> | null = null;
  let timer = 0;

  /** Nothing is kept while something cannot be. */
  const wrong = computed(() => wrongIn(form));
  const enough = computed(() => wrong.value.length === 0);
  const changed = (): boolean => JSON.stringify(bodyOf(form, division, round.value)) !== kept;

  async function write(): Promise<boolean> {
    while (enough.value && changed()) {
      const body = bodyOf(form, division, round.value);
      const text = JSON.stringify(body);
      busy.value = true;
      try {
        const now = round.value;
        round.value = await act(() =>
          now === null
            ? answer(api.POST("/api/v1/rounds", { body }))
            : answer(api.PUT("/api/v1/rounds/{round_id}", { params: { path: { round_id: now.id }, header: { "if-match": `"${now.version}"` } }, body })),
        );
        kept = text;
        savedAt.value = new Date();
        error.value = null;
        void client.invalidateQueries({ queryKey: ["rounds"] });
      } catch (problem) {
        error.value = problem;
        return false;
      } finally {
        busy.value = false;
      }
    }
    return enough.value;
  }

  /** Keep it now; false when the service did not take it, or too little is there yet. */
  async function save(): Promise<boolean> {
    clearTimeout(timer);
    running ??= write().finally(() => {
      running = null;
    });
    return running;
  }

  watch(form, () => {
    clearTimeout(timer);
    error.value = null; // it spoke of what has just been changed
    if (round.value !== null) timer = window.setTimeout(() => void save(), PAUSE_MS);
  }, { deep: true });

  return { form, round, savedAt, error, busy, wrong, enough, changed, save, stop: () => clearTimeout(timer) };
}
