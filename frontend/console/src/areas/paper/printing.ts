/** The sheets of a batch as a file to print. */

import { ref } from "vue";

import { download, NotConfirmed } from "../../act";

export function usePrinting() {
  const printing = ref<string | null>(null);
  const problem = ref<unknown>(null);
  async function print(batch: { id: string; number: number }): Promise<void> {
    printing.value = batch.id;
    problem.value = null;
    try {
      await download(`/api/v1/paper-batches/${batch.id}/sheets.pdf`, `paper-batch-${batch.number}.pdf`);
    } catch (error) {
      problem.value = error instanceof NotConfirmed ? null : error;
    } finally {
      printing.value = null;
    }
  }
  return { print, printing, problem };
}
