/** The list of doors on paper, as the screens print it. */

import { ref } from "vue";

import { act, download, NotConfirmed } from "../../act";

/** Printing the doors of a building, or of one stairwell of it. */
export function useDoorSheet(round: string) {
  const problem = ref<unknown>(null);
  async function print(building: string, unit: string | null, name: string): Promise<void> {
    problem.value = null;
    const search = new URLSearchParams({ building, ...(unit === null ? {} : { unit }) });
    try {
      await act(() => download(`/api/v1/rounds/${round}/doors.pdf?${search}`, `${name}.pdf`));
    } catch (error) {
      problem.value = error instanceof NotConfirmed ? null : error;
    }
  }
  return { print, problem };
}
