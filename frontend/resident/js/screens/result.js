// The published result: what is in, what is not and why, how it was counted, where the money is.

import { get } from "../api.js";
import { receipt } from "../ballot.js";
import { h } from "../dom.js";
import { money, moment, t } from "../i18n.js";
import { load, save } from "../store.js";
import { list } from "./ballot.js";
import { stateTag } from "./home.js";

const percent = (part, whole) => (whole ? Math.round((part * 1000) / whole) / 10 : 0) + "%";

function meter(project, voters) {
  const width = (count) => (voters ? (100 * count) / voters : 0);
  return h("svg", { class: "meter", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, h("rect", { width: 100, height: 4, fill: "#e2e7e3" }),
    h("rect", { width: width(project.backers), height: 4, fill: "#7dd19b" }), h("rect", { width: width(project.first_choices), height: 4, fill: "#075c2e" }));
}

function card(project, result, progress) {
  const money_ = progress.get(project.project_id);
  return h("article", { class: "card" }, h("div", { class: "row" }, h("span", {}, h("span", { class: "place" }, project.place), " ", h("strong", {}, project.title)), h("span", {}, money(project.cost_fen))),
    meter(project, result.ballots_counted), h("p", { class: "s" }, t("supporters", { backers: project.backers, first: project.first_choices })),
    h("p", { class: "s mute" }, project.reason.sentence),
    project.cumulative_fen === null ? null : h("p", { class: "s mute" }, t("money_ends", { money: money(project.cumulative_fen), percent: project.served_percent })),
    money_ && money_.state !== "reserve" ? h("p", {}, h("span", { class: "tag" + (["returned", "declined", "deferred"].includes(money_.state) ? " wait" : "") }, t("progress") + "：" + t("req_" + money_.state)), money_.approved_fen ? h("span", { class: "s" }, " " + t("approved_money", { money: money(money_.approved_fen) })) : null) : null);
}

async function myLine(id, level) {
  const mine = receipt(id);
  if (level === "aggregates" || !mine || mine.withdrawn || !mine.nonce) return null;
  const { tracker } = await import("../tracker.js");
  return h("div", { class: "card" }, h("h2", {}, t("tracker")), h("p", { class: "big", id: "tracker" }, tracker(id, mine.secret, mine.nonce)), h("p", { class: "s mute" }, t("tracker_note")));
}

function how(result, round) {
  return h("div", { class: "card" }, h("p", {}, t("rule_" + result.rule)), result.completion ? h("p", {}, t("completion_" + result.parameters.completion)) : null, result.parameters.fill && result.parameters.fill !== "none" ? h("p", {}, t("fill_" + result.parameters.fill)) : null,
    h("p", {}, t("counted_twice")), h("p", {}, t("level_" + result.level)),
    h("p", { class: "s mute" }, t("seed") + "：" + result.tie_seed.slice(0, 24)), h("p", { class: "s mute" }, t("digest") + "：" + result.outcome_digest.slice(0, 24)),
    result.level === "aggregates" ? null : h("a", { class: "button plain", href: "/board/v1/rounds/" + round.id + "/ballots.pb", download: "ballots.pb" }, t("all_ballots")),
    h("a", { class: "button plain", href: "/board/v1/rounds/" + round.id + "/bundle.zip", download: "bundle.zip" }, t("bundle")));
}

export async function result({ id, redraw, current }) {
  const round = await get("/api/v1/rounds/" + id);
  let found;
  try {
    found = await get("/api/v1/rounds/" + id + "/result");
  } catch (error) {
    if (error.code !== "no_result_yet") throw error;
    if (round.status === "published" || round.status === "open") return list({ id, redraw, current });
    return { title: round.title, tab: "notices", back: "#/", body: h("div", { class: "card" }, stateTag(round), h("p", {}, error.message), round.ended_reason ? h("p", {}, round.ended_reason) : null) };
  }
  const progress = new Map((await get("/api/v1/rounds/" + id + "/funding-progress")).items.map((item) => [item.project_id, item]));
  const chosen = load("result-tab", "in");
  const inside = found.projects.filter((each) => each.funded), outside = found.projects.filter((each) => !each.funded);
  const tabs = [["in", t("funded", { count: inside.length })], ["out", t("not_funded", { count: outside.length })], ["how", t("how")]];
  const pick = (key) => { save("result-tab", key); redraw(); setTimeout(() => { const again = document.getElementById("tab-" + key); if (again) again.focus(); }, 0); };
  const keys = (event) => {
    const at = tabs.findIndex(([key]) => key === chosen), by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by) pick(tabs[(at + by + tabs.length) % tabs.length][0]);
  };
  const panel = chosen === "how" ? how(found, round) : (chosen === "in" ? inside : outside).map((each) => card(each, found, progress));
  return {
    title: round.title, tab: "notices", back: "#/",
    body: [
      h("dl", { class: "card figures" }, figure(found.ballots_counted, t("ballots")), figure(percent(found.ballots_counted, found.roll_size), t("turnout")),
        figure(money(found.spent_fen), found.budget_fen === null ? t("spent_only") : t("spent") + " " + money(found.budget_fen))),
      h("p", { class: "s center" }, stateTag(round), " ", found.certified_at ? t("certified_at", { at: moment(found.certified_at) }) : t("notice_until", { at: moment(found.notice_until) })),
      found.quorum_reached === null ? null : h("p", { class: "note s" }, t(found.quorum_reached ? "quorum_yes" : "quorum_no")),
      await myLine(id, found.level),
      h("div", { class: "tabs", role: "tablist", "aria-label": t("result"), onkeydown: keys }, tabs.map(([key, label]) => h("button", { type: "button", role: "tab", id: "tab-" + key, "aria-controls": "panel", "aria-selected": key === chosen ? "true" : "false", tabindex: key === chosen ? 0 : -1, onclick: () => pick(key) }, label))),
      h("div", { role: "tabpanel", id: "panel", "aria-labelledby": "tab-" + chosen }, panel),
    ],
  };
}

function figure(value, label) {
  return h("div", {}, h("dt", {}, label), h("dd", {}, value));
}
