// The frame of every screen: heading, switches, what is said aloud, what stands at the bottom.

import { signOut } from "./api.js";
import { h } from "./dom.js";
import { language, t, useLanguage } from "./i18n.js";
import { helping, load, save } from "./store.js";

export const go = (hash) => { location.hash = hash; };

export function say(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 50);
}

export function applyMode() {
  document.documentElement.dataset.mode = load("mode", "normal");
}

function switches(redraw) {
  const elder = load("mode", "normal") === "elder";
  return h("div", { class: "pills" },
    h("button", { class: "pill", type: "button", onclick: () => { save("mode", elder ? "normal" : "elder"); applyMode(); redraw(); } }, t(elder ? "normal" : "elder")),
    h("button", { class: "pill", type: "button", lang: language === "en" ? "zh-CN" : "en", onclick: async () => { await useLanguage(language === "en" ? "zh-CN" : "en"); redraw(); } }, t("language")));
}

/** Said on every screen while somebody is helped, with the way out. */
function helpBar() {
  return h("p", { class: "note warn row", id: "helping" }, h("span", {}, t("helping")),
    h("button", { class: "pill", type: "button", onclick: async () => { await signOut(); location.hash = "#/"; location.reload(); } }, t("end_help")));
}

const TABS = [["#/", "home"], ["#/notices", "notices"], ["#/me", "me"]];

/** Show a screen: {title, body, dock, tab, back, switches}. */
export function show({ title, body, dock, tab, back, withSwitches, redraw }) {
  document.title = title + " · " + t("app");
  document.querySelector(".skip").textContent = t("skip");
  const heading = h("h1", { tabindex: "-1", id: "heading" }, title);
  const main = h("main", { id: "main", tabindex: "-1", "aria-labelledby": "heading" }, helping() ? helpBar() : null, body);
  document.getElementById("page").replaceChildren(
    h("header", { class: "bar" }, heading, withSwitches ? switches(redraw) : null, back ? h("a", { class: "pill", href: back }, t("back")) : null), main);
  const bottom = document.getElementById("dock");
  bottom.hidden = !dock && !tab;
  bottom.replaceChildren(dock ? h("div", {}, dock) : tab ? h("nav", { "aria-label": t("app") },
    TABS.map(([hash, key]) => h("a", { href: hash, "aria-current": key === tab ? "page" : null }, t(key)))) : "");
  return heading;
}

export function errorBox(error, again) {
  return h("div", { class: "error", role: "alert" }, h("p", {}, error.message),
    again ? h("button", { class: "button plain", type: "button", onclick: again }, t("retry")) : null);
}

export function loading() {
  return h("p", { class: "loading" }, t("loading"));
}
