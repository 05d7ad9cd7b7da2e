import { ElMessage } from "element-plus/es/components/message/index";
import "element-plus/es/components/message/style/css";

/** Say in passing that something is done: shown for a moment, and told to those who listen. */
export function say(text: string): void {
  ElMessage({ message: text, type: "success", duration: 4000, grouping: true });
  const live = document.getElementById("live");
  if (live === null) return;
  live.textContent = "";
  setTimeout(() => {
    live.textContent = text;
  }, 50);
}
