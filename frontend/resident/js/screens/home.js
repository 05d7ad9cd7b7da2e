// What is going on here: the open vote, the coming ones, the earlier ones; meetings; a project.

import { get, signedIn } from "../api.js";
import { h, rich } from "../dom.js";
import { language, money, moment, t, timeLeft } from "../i18n.js";
import { load, save } from "../store.js";

const OPEN = new Set(["open"]);
const COMING = new Set(["published"]);

async function rounds() {
  const community = load("community", null);
  const page = await get("/api/v1/rounds?limit=50" + (community ? "&division=" + community : ""));
  return page.items;
}

async function communityName() {
  const code = load("community", null);
  if (!code) return null;
  const known = load("name." + code, null);
  if (known) return known;
  const { name } = await get("/api/v1/divisions/" + code);
  const short = name.replace(/居民委员会$/, "");
  save("name." + code, short);
  return short;
}

export function stateTag(round) {
  const look = round.status === "open" ? "tag" : round.status === "published" ? "tag wait" : "tag off";
  return h("span", { class: look }, t("state_" + round.status) + " · " + t("kind_" + round.kind));
}

export function facts(round, projects) {
  const given = { projects, most: round.max_rank, budget: round.budget_fen === null ? "" : money(round.budget_fen) };
  return t(round.budget_fen === null ? "round_facts_no_budget" : "round_facts", given);
}

async function participation(round) {
  if (!signedIn()) return null;
  try {
    return await get("/api/v1/rounds/" + round.id + "/my-participation");
  } catch (error) {
    if (error.code === "not_on_the_roll" || error.status === 401 || error.status === 403) return null;
    throw error;
  }
}

async function openCard(round) {
  const [listed, mine] = await Promise.all([get("/api/v1/rounds/" + round.id + "/projects"), participation(round)]);
  const voted = mine && mine.taken_part;
  return h("article", { class: "card" }, stateTag(round), h("h2", { class: "big" }, round.title),
    h("p", { class: "s mute" }, facts(round, listed.items.length)),
    h("p", { class: "row s" }, h("span", {}, signedIn() ? t(voted ? "you_voted" : "not_voted") : t("closes_at", { at: moment(round.closes_at) })), h("strong", { class: "warn-text" }, timeLeft(round.closes_at))),
    h("a", { class: "button", href: "#/round/" + round.id }, t(voted ? "change_ballot" : "vote")));
}

/** Owners' votes are signed and not secret, and have no list: say so, and never offer a ballot. */
function recordedCard(round) {
  const when = round.status === "published" ? t("opens_at", { at: moment(round.opens_at) }) : t("closes_at", { at: moment(round.closes_at) });
  return h("article", { class: "card" }, stateTag(round), h("h2", { class: "big" }, round.title),
    h("p", {}, h("strong", { class: "warn-text" }, language === "en" ? round.label.en : round.label.zh)),
    h("p", {}, round.question), h("p", { class: "s mute" }, when));
}

function linkCell(href, title, detail) {
  return h("a", { class: "link", href }, h("span", {}, h("span", { class: "b" }, title), h("br"), h("span", { class: "s mute" }, detail)));
}

export async function home({ redraw }) {
  const community = load("community", null);
  if (!community) return communities({ redraw });
  const [all, name] = await Promise.all([rounds(), communityName()]);
  const recorded = all.filter((round) => round.recorded), secret = all.filter((round) => !round.recorded);
  const open = secret.filter((round) => OPEN.has(round.status)), coming = secret.filter((round) => COMING.has(round.status));
  const past = secret.filter((round) => !OPEN.has(round.status) && !COMING.has(round.status));
  const cards = await Promise.all(open.map(openCard));
  return {
    title: name, tab: "home", withSwitches: true, redraw,
    body: [
      cards, recorded.map(recordedCard),
      coming.length ? [h("h2", { class: "section" }, t("coming")), h("div", { class: "card cells" }, coming.map((round) => linkCell("#/round/" + round.id, round.title, t("opens_at", { at: moment(round.opens_at) }))))] : null,
      past.length ? [h("h2", { class: "section" }, t("past")), h("div", { class: "card cells" }, past.map((round) => linkCell("#/result/" + round.id, round.title, t("state_" + round.status) + " · " + moment(round.closes_at))))] : null,
      all.length ? null : h("p", { class: "card" }, t("no_rounds")),
      h("p", { class: "center" }, h("a", { class: "pill", href: "#/communities" }, t("choose_community"))),
    ],
  };
}

export async function communities() {
  const { items } = await get("/api/v1/rounds?limit=200");
  const codes = Array.from(new Set([].concat(...items.map((round) => round.community_codes))));
  const divisions = await Promise.all(codes.map((code) => get("/api/v1/divisions/" + code)));
  return {
    title: t("choose_community"), tab: "home", withSwitches: true,
    body: divisions.length
      ? h("div", { class: "card cells" }, divisions.map((division) => h("a", { class: "link", href: "#/", onclick: () => save("community", division.code) },
        h("span", {}, h("span", { class: "b" }, division.name.replace(/居民委员会$/, "")), h("br"), h("span", { class: "s mute" }, division.ancestors.map((each) => each.name).join(" "))))))
      : h("p", { class: "card" }, t("no_rounds")),
  };
}

export async function notices({ redraw }) {
  const community = load("community", null);
  const [all, meetings] = await Promise.all([rounds(), get("/api/v1/meetings?limit=20" + (community ? "&division=" + community : ""))]);
  const past = all.filter((round) => !OPEN.has(round.status) && !COMING.has(round.status));
  return {
    title: t("notices"), tab: "notices", redraw,
    body: [
      h("h2", { class: "section" }, t("past")),
      past.length ? h("div", { class: "card cells" }, past.map((round) => linkCell("#/result/" + round.id, round.title, t("state_" + round.status)))) : h("p", { class: "card" }, t("no_rounds")),
      h("h2", { class: "section" }, t("minutes")),
      h("div", { class: "card cells" }, meetings.items.map((each) => linkCell("#/meeting/" + each.id, each.title, moment(each.begins_at)))),
    ],
  };
}

export async function meeting({ id }) {
  const found = await get("/api/v1/meetings/" + id);
  const versions = found.minutes.slice().reverse();
  return {
    title: found.title, tab: "notices", back: "#/notices",
    body: [
      h("div", { class: "card" }, h("p", {}, moment(found.begins_at) + " · " + found.place), found.present === null ? null : h("p", { class: "s mute" }, t("present", { count: found.present })),
        h("ol", { class: "md" }, found.agenda.map((point) => h("li", {}, point)))),
      found.resolutions.length ? [h("h2", { class: "section" }, t("resolutions")), h("div", { class: "card cells" }, found.resolutions.map((each) => h("div", {}, h("p", {}, each.text),
        h("p", { class: "s mute" }, t(each.passed ? "passed" : "rejected") + " · " + t("votes", { for: each.votes_for, against: each.votes_against, abstain: each.abstentions })))))] : null,
      versions.map((version) => h("article", { class: "card" }, h("h2", {}, t("version", { version: version.version })),
        version.correction ? h("p", { class: "s" }, t("correction", { text: version.correction })) : null, rich(version.text_html),
        h("p", { class: "s mute" }, t("recorded_by", version)))),
    ],
  };
}

export async function project({ id }) {
  const [found, count] = await Promise.all([get("/api/v1/projects/" + id), get("/api/v1/projects/" + id + "/objection-count")]);
  return {
    title: found.title, back: load("from", "#/"), tab: "home",
    body: [
      found.photos.map((photo) => h("img", { class: "photo card", src: "/api/v1/photos/" + photo.id, alt: photo.alt, width: photo.width, height: photo.height, loading: "lazy" })),
      h("div", { class: "card" }, h("p", { class: "row" }, h("span", {}, t("cost")), h("strong", {}, money(found.cost_fen))),
        found.place ? h("p", { class: "row" }, h("span", {}, t("where")), h("span", {}, found.place)) : null,
        count.households === null ? null : h("p", { class: "tag wait" }, t("objections_count", { count: count.households }))),
      h("div", { class: "card" }, rich(found.description_html)),
      h("h2", { class: "section" }, t("what_for")),
      h("div", { class: "card cells" }, found.cost_items.map((item) => h("p", { class: "row" }, h("span", {}, t("cost_" + item.kind) + " · " + item.description), h("span", {}, money(item.amount_fen))))),
    ],
  };
}
