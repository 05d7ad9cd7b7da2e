/** What the service knows of somebody's part in a round, said before they cast: on the roll, and by which way already. */

import { answer, api } from "@gongyi/shared/api/client";
import { receipt, waiting } from "@gongyi/shared/ballot";
import { Refusal } from "@gongyi/shared/problems";
import { shallowRef } from "vue";

import { signedIn } from "../../session";

export type Known = "nothing" | "elsewhere" | "on_paper";

export function useParticipation(roundId: string) {
  const known = shallowRef<Known>("nothing");
  const problem = shallowRef<Refusal | null>(null);

  async function ask(): Promise<void> {
    if (!signedIn.value || waiting(roundId) !== null) return;
    try {
      const said = await answer(api.GET("/api/v1/rounds/{round_id}/my-participation", { params: { path: { round_id: roundId } } }));
      const mine = receipt(roundId);
      if (said.on_paper) known.value = "on_paper";
      else if (said.taken_part && (mine === null || mine.version < said.version)) known.value = "elsewhere";
    } catch (error) {
      // casting will say the same again; what is only a bad line says nothing
      if (error instanceof Refusal && error.status < 500 && error.status !== 401) problem.value = error;
    }
  }

  void ask();
  return { known, problem };
}
