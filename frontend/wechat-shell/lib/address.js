/** Where things lead: short codes, addresses inside the residents' pages, and what of them may be shared. */

const { base } = require("../config");

/** Screens of ours that are the same for everybody, and may stand in a link. */
const PUBLIC = /^\/(round|result|decision|project|idea|meeting)\/[\w-]{1,64}$/;
const IN_APP = /^\/[\w\-./~]{0,200}$/;
const CODE = /^[0-9A-Za-z]{5}$/;
const COMMUNITY = /^[0-9]{12}$/;

/** Ways in and out of the web-view, which lead nowhere by themselves. */
const DOORS = /^\/(enter|leave)(\/|$)/;

/** An address inside the residents' pages, or the first page when it is none. */
function inApp(text) {
  const path = String(text || "").replace(/^#/, "");
  return IN_APP.test(path) && !path.startsWith("//") && !DOORS.test(path) ? path : "/";
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The short code in a text: `7F3KQ`, or our own address `https://…/q/7F3KQ`; none in anybody else's. */
function shortCode(text) {
  const given = String(text || "").trim();
  if (CODE.test(given)) return given;
  if (!given.startsWith(`${base}/q/`)) return null;
  const code = given.slice(base.length + 3).split(/[?#]/)[0];
  return CODE.test(code) ? code : null;
}

/** The short code the mini program was opened with: by its own round code (`scene`), or by scanning a poster (`q`). */
function openedWith(options) {
  return shortCode(decoded(options.scene || "")) || shortCode(decoded(options.q || ""));
}

/** Query of the residents' pages: which community and building are looked at. */
function search(place) {
  const given = [];
  if (COMMUNITY.test(place.community || "")) given.push(`community=${place.community}`);
  if (place.building) given.push(`building=${encodeURIComponent(place.building)}`);
  return given.length ? `?${given.join("&")}` : "";
}

/**
 * The address for the web-view. A ticket stands behind the #: no server, and no log, ever sees it. Without one nobody is
 * signed in, and the pages forget whoever was before.
 */
function webViewUrl({ ticket, to, community, building }) {
  const path = inApp(to);
  const door = ticket ? `/enter/${ticket}` : "/leave";
  return `${base}/app/${search({ community, building })}#${door}?to=${encodeURIComponent(path)}`;
}

/** What another person may be sent of the page that is open: never a ticket, never a page about somebody. */
function shared(url) {
  const [front, inside] = [String(url || "").split("#")[0], String(url || "").split("#")[1] || "/"];
  let path = inside.split("?")[0];
  if (DOORS.test(path)) path = decoded((/[?&]to=([^&]*)/.exec(inside) || [])[1] || "/");
  path = path.replace(/^(\/(?:round|project)\/[\w-]{1,64})\/.*$/, "$1");
  const community = (/[?&]community=([0-9]{12})(?:&|$)/.exec(front) || [])[1];
  const query = [`to=${encodeURIComponent(PUBLIC.test(path) ? path : "/")}`];
  if (community) query.push(`community=${community}`);
  return `/pages/index/index?${query.join("&")}`;
}

module.exports = { inApp, decoded, shortCode, openedWith, search, webViewUrl, shared };
