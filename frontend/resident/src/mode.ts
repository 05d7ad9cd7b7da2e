/** 长辈版: large type, large targets, one thing at a time. */

import { load, save } from "@gongyi/shared/store";
import { ref } from "vue";

export const elder = ref(load<string>("mode", "normal") === "elder");

export function applyMode(): void {
  document.documentElement.dataset.mode = elder.value ? "elder" : "normal";
}

export function switchMode(): void {
  elder.value = !elder.value;
  save("mode", elder.value ? "elder" : "normal");
  applyMode();
}
