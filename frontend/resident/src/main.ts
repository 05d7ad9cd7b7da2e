import "@gongyi/shared/tokens.css";
import "./app.css";
// what a sent ballot leaves behind must be known before the outbox is emptied
import "@gongyi/shared/ballot";

import { flush } from "@gongyi/shared/outbox";
import { helpEnded } from "@gongyi/shared/session";
import { createApp } from "vue";

import App from "./App.vue";
import { fromAddress } from "./community";
import { firstLanguage, useLanguage } from "./i18n";
import { applyMode } from "./mode";
import { open } from "./router";

const EMPTY_OUTBOX_EVERY_MS = 15_000;

async function begin(): Promise<void> {
  applyMode();
  fromAddress();
  await useLanguage(firstLanguage());
  addEventListener("hashchange", () => void open());
  addEventListener("online", () => void flush());
  await open();
  const root = document.getElementById("app")!;
  root.replaceChildren();
  createApp(App).mount(root);
  setInterval(() => void flush(), EMPTY_OUTBOX_EVERY_MS);
  setInterval(() => {
    if (helpEnded()) location.reload();
  }, 1000);
  void flush();
}

begin().catch(() => {
  const said = document.createElement("p");
  said.className = "error";
  said.textContent = "现在打不开，请检查网络后刷新。 Please check your connection and reload.";
  document.getElementById("app")!.replaceChildren(said);
});
