// Calls to the service. A refusal carries the service's own sentence; a lost connection is told apart from it.

import { language, t } from "./i18n.js";
import { helping, load, randomHex, save, setAside } from "./store.js";

export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || t("something_wrong"));
    this.status = status;
    this.code = body.code || "";
    this.facts = body;
  }
}

export class Offline extends Error {
  constructor() {
    super(t("offline"));
    this.code = "offline";
  }
}

let session = load("session", null);
export const signedIn = () => session !== null;

function remember(tokens) {
  session = tokens ? { access: tokens.access_token, refresh: tokens.refresh_token, until: Date.now() + (tokens.expires_in - 30) * 1000 } : null;
  save("session", session);
}

/** Nobody is signed in any more; whoever helped somebody is themselves again. */
function forget() {
  if (!helping()) { remember(null); return; }
  setAside(false);
  session = load("session", null);
}

/** Whether helping has ended by itself just now. */
export function helpEnded() {
  if (!helping() || (session && Date.now() < session.until)) return false;
  forget();
  return true;
}

async function send(method, path, { body, headers, token } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: Object.assign({ "Accept-Language": language }, body === undefined ? {} : { "Content-Type": "application/json" }, token ? { Authorization: "Bearer " + token } : {}, headers || {}),
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
    });
  } catch (error) {
    throw new Offline();
  }
  const text = await answer.text();
  let parsed = null;
  try { parsed = text ? JSON.parse(text) : null; } catch (error) { parsed = null; }
  if (!answer.ok) throw new Refusal(answer.status, parsed || {});
  return { body: parsed, etag: answer.headers.get("ETag") };
}

let renewal = null;

async function accessToken() {
  if (!session) return null;
  if (Date.now() < session.until) return session.access;
  if (!session.refresh) { forget(); return null; }
  // one renewal for all who wait: a refresh token works once
  if (!renewal) {
    renewal = send("POST", "/api/v1/auth/tokens", { body: { refresh_token: session.refresh } })
      .then(({ body }) => remember(body))
      .catch((error) => { if (error instanceof Refusal && error.status === 401) remember(null); else throw error; })
      .finally(() => { renewal = null; });
  }
  await renewal;
  return session ? session.access : null;
}

/** Call the API; the answer's JSON. */
export async function call(method, path, options) {
  const token = await accessToken();
  try {
    return (await send(method, path, Object.assign({ token }, options))).body;
  } catch (error) {
    if (error instanceof Refusal && error.status === 401 && token) forget();
    throw error;
  }
}

export const get = (path) => call("GET", path);

function device() {
  let nonce = load("device", null);
  if (!nonce) { nonce = randomHex(16); save("device", nonce); }
  return nonce;
}

export async function requestCode(phone) {
  return (await send("POST", "/api/v1/auth/codes", { body: { phone, device_nonce: device() } })).body;
}

/** Sign in with a code on paper; when helping, beside the session that is here already. */
export async function signInWithPaper(code, helps) {
  const { body } = await send("POST", "/api/v1/auth/tokens", { body: { one_time_code: code, helping: helps, device_nonce: device() } });
  setAside(helps);
  remember(body);
}

export async function signIn(challengeId, code) {
  const { body } = await send("POST", "/api/v1/auth/tokens", { body: { challenge_id: challengeId, code, device_nonce: load("device", undefined) } });
  remember(body);
}

export async function signOut() {
  const helped = helping();
  try { await call("DELETE", "/api/v1/auth/session"); } catch (error) { /* the phone forgets all the same */ }
  if (helped === helping()) forget();
}

export async function redeemLink(link, password) {
  await send("POST", "/api/v1/auth/passwords", { body: { link, password } });
}
