// Choosing, ranking, reviewing, casting; the receipt; changing one's mind.

import { call, get, Offline, signedIn } from "../api.js";
import * as kept from "../ballot.js";
import { h } from "../dom.js";
import { errorBox, go, say } from "../frame.js";
import { money, moment, t, timeLeft } from "../i18n.js";
import { load, save } from "../store.js";
import { facts, stateTag } from "./home.js";

async function loadRound(id) {
  const [round, listed] = await Promise.all([get("/api/v1/rounds/" + id), get("/api/v1/rounds/" + id + "/projects")]);
  const projects = kept.shuffled(listed.items, id);
  const ranking = kept.fit(kept.draft(id), projects.map((each) => each.project_id), round.max_rank);
  return { round, projects, ranking, title: (projectId) => projects.find((each) => each.project_id === projectId) };
}

function steps(current) {
  return h("ol", { class: "steps", "aria-label": t("steps") }, ["step_read", "step_rank", "step_cast"].map((key) => h("li", {}, h("span", { "aria-current": key === current ? "step" : null }, t(key)))));
}

function photoOf(project) {
  const found = load("photo." + project.project_id, undefined);
  return found ? h("img", { src: "/api/v1/photos/" + found.id, alt: "", width: 64, height: 64, loading: "lazy" }) : null;
}

async function rememberPhotos(round, projects) {
  if (projects.every((each) => load("photo." + each.project_id, undefined) !== undefined)) return;
  for (const code of round.community_codes) {
    const page = await get("/api/v1/projects?limit=200&division=" + code);
    page.items.forEach((item) => save("photo." + item.id, item.photos[0] || false));
  }
}

export async function list({ id, redraw }) {
  const { round, projects, ranking } = await loadRound(id);
  save("from", "#/round/" + id);
  await rememberPhotos(round, projects);
  const open = round.status === "open";
  const cards = projects.map((project) => {
    const place = ranking.indexOf(project.project_id) + 1, full = !place && ranking.length >= round.max_rank;
    const photo = photoOf(project);
    const tap = () => {
      if (full) { say(t("full", { most: round.max_rank })); return; }
      const next = kept.toggle(ranking, project.project_id, round.max_rank);
      kept.keepDraft(id, next);
      say(place ? t("removed", project) : t("added", { title: project.title, place: next.length }));
      redraw();
      setTimeout(() => { const again = document.getElementById("pick-" + project.project_id); if (again) again.focus(); }, 0);
    };
    return h("article", { class: "card pick" + (place ? " chosen" : "") + (photo ? " with-photo" : "") }, photo,
      h("a", { href: "#/project/" + project.project_id }, h("h2", {}, project.title), h("p", { class: "s" }, h("strong", {}, money(project.cost_fen)), project.place ? " · " + project.place : "")),
      open ? h("button", { class: "badge", type: "button", id: "pick-" + project.project_id, "aria-pressed": place ? "true" : "false", "aria-disabled": full ? "true" : null,
        "aria-label": place ? t("remove", { title: project.title, place }) : t("add", project), onclick: tap }, place || "+") : null);
  });
  return {
    title: open ? t("which_first") : round.title, back: "#/",
    body: [open ? steps("step_read") : null, h("div", { class: "card" }, stateTag(round), h("p", { class: "b" }, round.title), h("p", { class: "s mute" }, facts(round, projects.length)),
      h("p", { class: "s" }, open ? timeLeft(round.closes_at) + " · " + t("closes_at", { at: moment(round.closes_at) }) : t("opens_at", { at: moment(round.opens_at) }))),
    open ? h("p", { class: "s mute" }, t("pick_hint")) : null, cards],
    dock: open ? [h("p", { class: "count" }, t("chosen", { count: ranking.length, most: round.max_rank })),
      ranking.length ? h("a", { class: "button", href: "#/round/" + id + "/rank" }, t("next_rank")) : h("button", { class: "button", type: "button", disabled: true }, t("next_rank"))] : null,
    tab: open ? null : "home",
  };
}

export async function rank({ id, redraw }) {
  const { ranking, title } = await loadRound(id);
  if (!ranking.length) { go("#/round/" + id); return null; }
  const shift = (index, by) => {
    const next = kept.move(ranking, index, by);
    kept.keepDraft(id, next);
    say(t("moved", { title: title(ranking[index]).title, place: index + by + 1 }));
    redraw();
    setTimeout(() => {
      const ends = (by < 0 && index + by === 0) || (by > 0 && index + by === next.length - 1);
      const button = document.getElementById((by < 0) !== ends ? "up-" + ranking[index] : "down-" + ranking[index]);
      if (button) button.focus();
    }, 0);
  };
  return {
    title: t("rank_title"), back: "#/round/" + id,
    body: [steps("step_rank"), h("p", { class: "s mute" }, t("rank_hint")),
      h("ol", {}, ranking.map((projectId, index) => {
        const project = title(projectId);
        return h("li", { class: "card rank" }, h("span", { class: "place" }, index + 1),
          h("div", {}, h("h2", {}, project.title), h("p", { class: "s" }, money(project.cost_fen))),
          h("div", { class: "moves" },
            h("button", { class: "move", type: "button", id: "up-" + projectId, disabled: index === 0, "aria-label": t("up", project), onclick: () => shift(index, -1) }, "↑"),
            h("button", { class: "move", type: "button", id: "down-" + projectId, disabled: index === ranking.length - 1, "aria-label": t("down", project), onclick: () => shift(index, 1) }, "↓")));
      })), h("p", { class: "note s" }, t("draft_kept"))],
    dock: [h("a", { class: "button plain", href: "#/round/" + id }, t("previous")), h("a", { class: "button", href: "#/round/" + id + "/review" }, t("next_review"))],
  };
}

export async function review({ id, redraw }) {
  const { ranking, title } = await loadRound(id);
  if (!ranking.length) { go("#/round/" + id); return null; }
  if (!signedIn()) { go("#/sign-in?next=" + encodeURIComponent("#/round/" + id + "/review")); return null; }
  const problem = h("div", {});
  const button = h("button", { class: "button", type: "button", id: "cast", onclick: async () => {
    button.disabled = true;
    button.textContent = t("casting");
    const wish = kept.waiting(id) && same(kept.waiting(id).ranking, ranking) ? kept.waiting(id) : kept.seal(id, ranking);
    try {
      await sendOne(id, wish);
      go("#/round/" + id + "/receipt");
    } catch (error) {
      if (error instanceof Offline || error.status === 503 || error.status === 429) { go("#/round/" + id + "/receipt"); return; }
      kept.settle(id);
      button.disabled = false;
      button.textContent = t("cast");
      problem.replaceChildren(await refusedBox(error, id, redraw));
    }
  } }, t("cast"));
  return {
    title: t("review_title"), back: "#/round/" + id + "/rank",
    body: [steps("step_cast"), problem, h("ol", { class: "card review" }, ranking.map((projectId, index) => h("li", {}, h("span", { class: "place" }, index + 1), h("div", {}, h("h2", {}, title(projectId).title), h("p", { class: "s mute" }, money(title(projectId).cost_fen)))))),
      h("p", { class: "note" }, t("review_sentence")), h("p", { class: "s mute" }, t("review_publication"))],
    dock: [h("a", { class: "button plain", href: "#/round/" + id + "/rank" }, t("previous")), button],
  };
}

async function refusedBox(error, id, redraw) {
  if (error.code !== "not_on_the_roll") return errorBox(error, redraw);
  const round = await get("/api/v1/rounds/" + id);
  return h("div", { class: "error", role: "alert" }, h("p", {}, t("not_on_roll")), h("a", { class: "button plain", href: "#/register/" + round.community_codes[0] }, t("register")));
}

const same = (one, other) => one.length === other.length && one.every((each, index) => each === other[index]);

async function sendOne(id, wish) {
  const receipt = await call("PUT", "/api/v1/rounds/" + id + "/my-ballot", { body: { ranking: wish.ranking, secret: wish.secret }, headers: { "Idempotency-Key": wish.key } });
  kept.keepReceipt(id, Object.assign({ secret: wish.secret }, receipt));
  kept.settle(id);
}

/** Send what waits in the outbox; true when something was sent. */
export async function sendWaiting() {
  let sent = false;
  for (const id of load("rounds-with-outbox", [])) {
    const wish = kept.waiting(id);
    if (!wish) continue;
    try {
      await sendOne(id, wish);
      sent = true;
    } catch (error) {
      if (!(error instanceof Offline) && error.status !== 503 && error.status !== 429 && error.status !== 401) kept.settle(id);
    }
  }
  return sent;
}

export async function receipt({ id, redraw }) {
  const wish = kept.waiting(id), found = kept.receipt(id);
  if (wish) {
    save("rounds-with-outbox", Array.from(new Set(load("rounds-with-outbox", []).concat(id))));
    return {
      title: t("waiting_title"), tab: "home",
      body: [h("p", { class: "note warn", role: "status" }, t("waiting_sub")), h("button", { class: "button", type: "button", onclick: async () => { await sendWaiting(); redraw(); } }, t("send_now"))],
    };
  }
  if (!found) { go("#/round/" + id); return null; }
  const round = await get("/api/v1/rounds/" + id);
  const open = round.status === "open", box = h("div", {});
  const ask = () => box.replaceChildren(h("div", { class: "card", role: "alertdialog", "aria-label": t("withdraw_sure") }, h("p", {}, t("withdraw_sure")),
    h("button", { class: "button danger", type: "button", id: "withdraw-yes", onclick: async () => {
      try {
        kept.keepReceipt(id, await call("DELETE", "/api/v1/rounds/" + id + "/my-ballot"));
        redraw();
      } catch (error) { box.replaceChildren(errorBox(error)); }
    } }, t("yes_withdraw")), h("button", { class: "button plain", type: "button", onclick: redraw }, t("no"))));
  if (found.withdrawn) {
    return { title: t("withdrawn"), tab: "home", body: [open ? h("a", { class: "button", href: "#/round/" + id }, t("vote")) : null] };
  }
  return {
    title: t("receipt_title"), tab: "home",
    body: [h("svg", { class: "envelope", viewBox: "0 0 96 72", "aria-hidden": "true" }, h("rect", { x: 2, y: 2, width: 92, height: 68, rx: 5, fill: "#fff", stroke: "#c9d1cb", "stroke-width": 3 }), h("path", { d: "M4 6 48 40 92 6", fill: "none", stroke: "#c9d1cb", "stroke-width": 3 }), h("circle", { cx: 48, cy: 42, r: 16, fill: "#0b7a3e" }), h("path", { d: "m41 42 5 5 9-10", fill: "none", stroke: "#fff", "stroke-width": 3 })),
      h("p", { class: "center mute" }, t("receipt_sub")),
      h("dl", { class: "card" }, pair("receipt_version", found.version), pair("receipt_until", moment(round.closes_at)), pair("receipt_hash", (found.envelope_hash || "").slice(0, 16))),
      h("p", { class: "note s" }, t("receipt_note")), box,
      open ? [h("a", { class: "button", href: "#/round/" + id }, t("change_ballot")), h("button", { class: "button plain", type: "button", id: "withdraw", onclick: ask }, t("withdraw"))] : h("a", { class: "button", href: "#/result/" + id }, t("see_result"))],
  };
}

function pair(key, value) {
  return h("div", { class: "row s" }, h("dt", { class: "mute" }, t(key)), h("dd", { class: "b" }, value));
}
