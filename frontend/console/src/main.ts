import "@gongyi/shared/tokens.css";
import "./console.css";

import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp } from "vue";

import App from "./App.vue";
import { firstLanguage, i18n, useLanguage } from "./i18n";
import { router } from "./router";

const RELOADED = "gongyi-console.reloaded", ONCE_IN_MS = 60_000;

/** After a release the files of the old one are gone: take the new one, and not again and again. */
addEventListener("vite:preloadError", () => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < ONCE_IN_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
});

async function begin(): Promise<void> {
  await useLanguage(firstLanguage());
  const app = createApp(App);
  app.use(i18n);
  app.use(router);
  app.use(VueQueryPlugin, { queryClientConfig: { defaultOptions: { queries: { staleTime: 5_000, refetchOnWindowFocus: true } } } });
  document.getElementById("app")!.replaceChildren();
  app.mount("#app");
}

begin().catch(() => {
  const said = document.createElement("p");
  said.textContent = "现在打不开，请检查网络后刷新。 Please check your connection and reload.";
  document.getElementById("app")!.replaceChildren(said);
});
