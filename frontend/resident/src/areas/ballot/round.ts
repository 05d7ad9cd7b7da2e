/** What the three steps of a ballot share: the round, its list in this phone's order, the draft. */

import { answer, api, type Schemas } from "@gongyi/shared/api/client";
import { draft, keepDraft, seedOf } from "@gongyi/shared/ballot";
import { type Ranking, shuffled } from "@gongyi/shared/ranking";
import { computed, ref, watch } from "vue";

import { type Loaded, useLoad } from "../../load";
import { prepare } from "../../router";

export type Project = Schemas["ListedProject"];

export interface Ballot {
  round: Schemas["RoundOut"];
  /** In the order of this phone. */
  projects: Project[];
}

async function ask(id: string): Promise<Ballot> {
  const path = { round_id: id };
  const [round, list] = await Promise.all([
    answer(api.GET("/api/v1/rounds/{round_id}", { params: { path } })),
    answer(api.GET("/api/v1/rounds/{round_id}/projects", { params: { path } })),
  ]);
  return { round, projects: shuffled(list.items, seedOf(id)) };
}

// The steps follow one another within seconds: what one has fetched, the next shows at once.
let last: { id: string; ballot: Ballot } | null = null;

/** Have a round's list here before anybody asks for it. */
export async function fetchAhead(id: string): Promise<void> {
  if (last?.id !== id) last = { id, ballot: await ask(id) };
}

/** The way to the end of a ballot, fetched at its beginning: a line that is lost in between must not stop anybody. */
const AFTER_THE_LIST_MS = 500;
const THE_WAY = ["/round/x/rank", "/round/x/review", "/round/x/receipt", "/sign-in", "/consent"];

export function useBallot(id: string) {
  const loaded: Loaded<Ballot> = useLoad(() => ask(id), `ballot.${id}`);
  if (last?.id === id && loaded.data.value === null) loaded.data.value = last.ballot;
  const ranking = ref<Ranking>([]);
  const most = computed(() => loaded.data.value?.round.max_rank ?? 0);
  const votable = computed(() => (loaded.data.value?.projects ?? []).filter((each) => !each.forced_in).map((each) => each.project_id));

  watch(
    loaded.data,
    (ballot) => {
      if (ballot === null) return;
      last = { id, ballot };
      // not before the list is there: they would share a narrow line
      setTimeout(() => void prepare(THE_WAY).catch(() => undefined), AFTER_THE_LIST_MS);
      ranking.value = draft(id, votable.value, most.value);
    },
    { immediate: true },
  );

  function keep(next: Ranking): void {
    ranking.value = next;
    keepDraft(id, next);
  }

  const project = (projectId: string): Project | undefined => loaded.data.value?.projects.find((each) => each.project_id === projectId);
  const chosen = computed(() => ranking.value.map(project).filter((each): each is Project => each !== undefined));
  const place = (projectId: string): number => ranking.value.indexOf(projectId) + 1;

  return { loaded, ranking, chosen, most, keep, place };
}
