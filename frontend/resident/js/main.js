// Addresses and screens.

import { helpEnded } from "./api.js";
import { h } from "./dom.js";
import { applyMode, errorBox, loading, show } from "./frame.js";
import { language, t, useLanguage } from "./i18n.js";
import { load, save } from "./store.js";
import * as ballots from "./screens/ballot.js";
import * as home from "./screens/home.js";
import * as me from "./screens/me.js";
import * as results from "./screens/result.js";

const ROUTES = [
  [/^#\/$/, home.home],
  [/^#\/notices$/, home.notices],
  [/^#\/communities$/, home.communities],
  [/^#\/meeting\/([\w-]+)$/, home.meeting],
  [/^#\/round\/([\w-]+)$/, ballots.list],
  [/^#\/round\/([\w-]+)\/rank$/, ballots.rank],
  [/^#\/round\/([\w-]+)\/review$/, ballots.review],
  [/^#\/round\/([\w-]+)\/receipt$/, ballots.receipt],
  [/^#\/project\/([\w-]+)$/, home.project],
  [/^#\/result\/([\w-]+)$/, results.result],
  [/^#\/me$/, me.me],
  [/^#\/sign-in(?:\?next=(.*))?$/, me.signInScreen],
  [/^#\/code$/, me.codeScreen],
  [/^#\/register\/([0-9]{12})$/, me.register],
  [/^#\/link\/([\w-]+)$/, me.link],
];

let turn = 0;

async function route(moved) {
  const mine = ++turn;
  const hash = location.hash || "#/";
  const found = ROUTES.map(([pattern, screen]) => [pattern.exec(hash), screen]).find(([match]) => match);
  const redraw = () => route(false);
  const [match, screen] = found || [[], home.home];
  const current = () => mine === turn;
  if (moved) show({ title: t("app"), body: loading(), tab: "home" });
  try {
    const drawn = await screen({ id: match[1], redraw, current });
    if (!current() || !drawn) return;
    const heading = show(Object.assign({ redraw }, drawn));
    if (moved) { window.scrollTo(0, 0); heading.focus({ preventScroll: true }); }
  } catch (error) {
    if (!current()) return;
    if (!error.code && error.code !== "") console.error(error);
    show({ title: t("app"), body: errorBox(error, redraw), tab: "home" });
  }
}

async function begin() {
  applyMode();
  const community = new URLSearchParams(location.search).get("community");
  if (community && /^[0-9]{12}$/.test(community)) save("community", community);
  await useLanguage(language);
  window.addEventListener("hashchange", () => route(true));
  window.addEventListener("online", () => ballots.sendWaiting().then((sent) => { if (sent) route(false); }));
  await route(false);
  setInterval(() => { if (helpEnded()) location.reload(); }, 1000);
  setInterval(() => { ballots.sendWaiting().then((sent) => { if (sent) route(false); }); }, 15000);
}

begin().catch(() => {
  document.getElementById("main").replaceChildren(h("p", { class: "error" }, "现在打不开，请检查网络后刷新。 Please check your connection and reload."));
});
