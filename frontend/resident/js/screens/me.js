// Who I am: signing in, where I live, registering, a staff member's one-time link.

import { call, get, redeemLink, requestCode, signedIn, signIn, signInWithPaper, signOut } from "../api.js";
import { h } from "../dom.js";
import { errorBox, go, say } from "../frame.js";
import { t } from "../i18n.js";
import { helping, load, save } from "../store.js";

function field(id, label, attributes) {
  return h("div", { class: "field" }, h("label", { for: id }, label), h("input", Object.assign({ id, name: id }, attributes)));
}

const value = (id) => document.getElementById(id).value.trim();

export async function me({ redraw }) {
  if (helping()) return { title: t("me"), tab: "me", withSwitches: true, redraw, body: [h("p", { class: "note" }, t("help_note"))] };
  if (!signedIn()) return signInScreen({ id: encodeURIComponent("#/me"), redraw });
  const { items } = await get("/api/v1/me/memberships");
  return {
    title: t("me"), tab: "me", withSwitches: true, redraw,
    body: [h("h2", { class: "section" }, t("my_homes")),
      items.length ? h("div", { class: "card cells" }, items.map((home) => h("p", { class: "row" }, h("span", { class: "b" }, home.community.replace(/居民委员会$/, "")), h("span", {}, [home.building, home.unit, home.room].join(" ")))))
        : h("div", { class: "card" }, h("p", {}, t("no_homes")), load("community", null) ? h("a", { class: "button plain", href: "#/register/" + load("community", null) }, t("register")) : null),
      h("a", { class: "button plain", href: "#/code" }, t("help_somebody")),
      h("button", { class: "button plain", type: "button", onclick: async () => { await signOut(); redraw(); } }, t("sign_out"))],
  };
}

/** A code on paper: one's own on this phone, or somebody else's, who is helped. */
export async function codeScreen() {
  const problem = h("div", {});
  const ask = (event) => {
    event.preventDefault();
    problem.replaceChildren();
    const helps = document.getElementById("help").checked;
    signInWithPaper(value("paper-code"), helps).then(() => go("#/")).catch((error) => problem.replaceChildren(errorBox(error)));
  };
  return {
    title: t("paper_code_title"), tab: "me", back: "#/sign-in",
    body: [problem, h("form", { class: "card", onsubmit: ask }, h("p", {}, t("paper_code_hint")),
      field("paper-code", t("paper_code"), { required: true, maxlength: 20, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" }),
      h("label", { class: "check", for: "help" }, h("input", { id: "help", type: "checkbox", checked: signedIn() }), h("span", {}, t("i_help"))),
      h("p", { class: "s mute" }, t("help_note")), h("button", { class: "button", type: "submit" }, t("sign_in")))],
  };
}

export async function signInScreen({ id }) {
  const next = id ? decodeURIComponent(id) : "#/";
  const problem = h("div", {}), place = h("div", {});
  const ask = (event) => {
    event.preventDefault();
    problem.replaceChildren();
    requestCode(value("phone")).then((sent) => askCode(sent, value("phone"))).catch((error) => problem.replaceChildren(errorBox(error)));
  };
  const askCode = (sent, phone) => {
    say(t("code_sent"));
    place.replaceChildren(h("form", { class: "card", onsubmit: (event) => {
      event.preventDefault();
      problem.replaceChildren();
      signIn(sent.challenge_id, value("code")).then(() => { save("phone-hint", phone.slice(-4)); go(next.startsWith("#/") ? next : "#/"); }).catch((error) => problem.replaceChildren(errorBox(error)));
    } }, h("p", { class: "s" }, t("code_sent")), sent.development_code ? h("p", { class: "note s" }, t("development_code", { code: sent.development_code })) : null,
    field("code", t("code"), { inputmode: "numeric", autocomplete: "one-time-code", required: true, maxlength: 6 }),
    h("button", { class: "button", type: "submit" }, t("sign_in")), h("button", { class: "button plain", type: "button", onclick: askPhone }, t("other_phone"))));
    document.getElementById("code").focus();
  };
  const askPhone = () => place.replaceChildren(h("form", { class: "card", onsubmit: ask }, h("p", {}, t("sign_in_first")),
    field("phone", t("phone"), { type: "tel", inputmode: "tel", autocomplete: "tel-national", required: true, maxlength: 20 }),
    h("button", { class: "button", type: "submit" }, t("get_code")), h("a", { class: "button plain", href: "#/code" }, t("use_paper_code"))));
  askPhone();
  return { title: t("sign_in"), tab: "me", withSwitches: false, body: [problem, place] };
}

export async function register({ id }) {
  if (!signedIn()) { go("#/sign-in?next=" + encodeURIComponent("#/register/" + id)); return null; }
  const problem = h("div", {});
  const { name } = await get("/api/v1/divisions/" + id);
  const send = async (event) => {
    event.preventDefault();
    problem.replaceChildren();
    const body = { name: value("name"), phone: value("phone"), building: value("building"), unit: value("unit") || "-", room: value("room"), tenure: document.getElementById("tenure").value };
    if (value("birth_date")) body.birth_date = value("birth_date");
    try {
      await call("POST", "/api/v1/communities/" + id + "/registrations", { body });
      problem.replaceChildren(h("p", { class: "note", role: "status" }, t("registered")));
      event.target.remove();
    } catch (error) { problem.replaceChildren(errorBox(error)); }
  };
  return {
    title: t("register"), tab: "me", back: "#/me",
    body: [h("p", { class: "s mute" }, name), problem, h("form", { class: "card", onsubmit: send }, field("name", t("name"), { required: true, maxlength: 60, autocomplete: "name" }), field("phone", t("phone"), { type: "tel", required: true, maxlength: 20, autocomplete: "tel-national" }),
      field("building", t("building"), { required: true, maxlength: 60 }), field("unit", t("unit"), { maxlength: 60 }), field("room", t("room"), { required: true, maxlength: 30 }),
      h("div", { class: "field" }, h("label", { for: "tenure" }, t("tenure")), h("select", { id: "tenure" }, ["tenant", "owner", "other"].map((each) => h("option", { value: each }, t("tenure_" + each))))),
      field("birth_date", t("birth_date"), { type: "date" }), h("button", { class: "button", type: "submit" }, t("send")))],
  };
}

export async function link({ id }) {
  const problem = h("div", {});
  const send = async (event) => {
    event.preventDefault();
    problem.replaceChildren();
    try {
      await redeemLink(id, document.getElementById("password").value);
      problem.replaceChildren(h("p", { class: "note", role: "status" }, t("password_set")));
      event.target.remove();
    } catch (error) { problem.replaceChildren(errorBox(error)); }
  };
  return { title: t("link_title"), body: [problem, h("form", { class: "card", onsubmit: send }, field("password", t("password"), { type: "password", required: true, minlength: 12, maxlength: 128, autocomplete: "new-password" }), h("button", { class: "button", type: "submit" }, t("set_password")))] };
}
