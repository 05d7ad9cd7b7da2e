import "@gongyi/shared/tokens.css";
import "./app.css";
// what a sent ballot leaves behind must be known before the outbox is emptied
import "@gongyi/shared/ballot";

import { flush } from "@gongyi/shared/outbox";
import { helpEnded } from "@gongyi/shared/session";
import { keys, load, save } from "@gongyi/shared/store";
import { createApp } from "vue";

import App from "./App.vue";
import { fromAddress } from "./community";
import { firstLanguage, useLanguage } from "./i18n";
import { applyMode } from "./mode";
import { open } from "./router";

const EMPTY_OUTBOX_EVERY_MS = 15_000;

const RELOADED = "reloaded", ONCE_IN_MS = 60_000;

/** After a release the files of the old one are gone: take the new one, if it can be reached, and not again and again. */
addEventListener("vite:preloadError", () => {
  if (Date.now() - load(RELOADED, 0) < ONCE_IN_MS) return;
  fetch(location.pathname, { method: "HEAD", cache: "no-store" })
    .then((there) => {
      if (there.ok && save(RELOADED, Date.now())) location.reload();
    })
    .catch(() => undefined); // no line: the page stays, and says so
});

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
  // photos of an idea that went out, or will, without them
  if (keys("pictures.").length > 0) void import("./areas/ideas/sending").catch(() => undefined);
  void flush();
}

begin().catch(() => {
  const said = document.createElement("p");
  said.className = "error";
  said.textContent = "现在打不开，请检查网络后刷新。 Please check your connection and reload.";
  document.getElementById("app")!.replaceChildren(said);
});
