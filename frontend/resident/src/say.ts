/** Say something to those who listen to the page. */
export function say(text: string): void {
  const live = document.getElementById("live");
  if (live === null) return;
  live.textContent = "";
  setTimeout(() => {
    live.textContent = text;
  }, 50);
}
