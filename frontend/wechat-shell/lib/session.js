/** Who is signed in. Tokens stay in the mini program's own storage; what goes into the web-view is a ticket, once. */

const config = require("../config");
const { call, Refusal } = require("./api");

const KEY = "session";
const EARLY_SECONDS = 30;

let renewal = null;

const kept = () => wx.getStorageSync(KEY) || null;

function begin(tokens) {
  wx.setStorageSync(KEY, {
    access: tokens.access_token,
    refresh: tokens.refresh_token,
    until: Date.now() + (tokens.expires_in - EARLY_SECONDS) * 1000,
  });
  getApp().globalData.binding = null;
}

function forget() {
  wx.removeStorageSync(KEY);
}

const signedIn = () => kept() !== null;

/** The token for the next call; none when nobody is signed in any more. One renewal for all who wait: it works once. */
async function accessToken() {
  const now = kept();
  if (now === null || Date.now() < now.until) return now && now.access;
  if (!now.refresh) {
    forget();
    return null;
  }
  if (renewal === null) {
    renewal = call("POST", "/auth/tokens", { body: { refresh_token: now.refresh } })
      .then(begin)
      .catch((error) => {
        if (!(error instanceof Refusal && error.status === 401)) throw error;
        forget();
      })
      .finally(() => {
        renewal = null;
      });
  }
  await renewal;
  return signedIn() ? kept().access : null;
}

/** A call as whoever is signed in; their sign-in is forgotten when the service no longer knows it. */
async function mine(method, path, body) {
  const token = await accessToken();
  try {
    return await call(method, path, { body, token });
  } catch (error) {
    if (error.status === 401) forget();
    throw error;
  }
}

function loginCode() {
  if (config.developmentName) return Promise.resolve(`dev:${config.developmentName}`);
  return new Promise((resolve, reject) => {
    wx.login({ success: ({ code }) => resolve(code), fail: reject });
  });
}

/**
 * Sign in as this WeChat user.
 *
 * @returns "in", or "unbound" when it is not known yet: then `globalData.binding` is the ticket to bind it with
 */
async function signIn() {
  if (signedIn() && (await accessToken()) !== null) return "in";
  try {
    begin(await call("POST", "/auth/tokens", { body: { wechat_code: await loginCode() } }));
    return "in";
  } catch (error) {
    if (error.code !== "wechat_not_bound") throw error;
    getApp().globalData.binding = error.facts.binding;
    return "unbound";
  }
}

/** Bind this WeChat user by one of the proofs, and be signed in. */
async function bind(proof) {
  const wechat_binding = getApp().globalData.binding;
  begin(await call("POST", "/auth/tokens", { body: Object.assign({ wechat_binding }, proof) }));
}

/** A ticket for the web-view; none for those who may have none, and look around as a guest. */
async function ticket() {
  if ((await accessToken()) === null) return null;
  try {
    return (await mine("POST", "/auth/tickets")).ticket;
  } catch (error) {
    if (error.status === 401 || error.status === 403) return null;
    throw error;
  }
}

async function signOut() {
  await mine("DELETE", "/auth/session").catch(() => undefined);
  forget();
}

module.exports = { signedIn, accessToken, mine, signIn, bind, ticket, signOut, forget };
