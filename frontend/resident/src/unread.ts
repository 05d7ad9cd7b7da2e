/** Whether something unread waits in the inbox; the notices area keeps it true. */

import { ref } from "vue";

export const unread = ref(0);
