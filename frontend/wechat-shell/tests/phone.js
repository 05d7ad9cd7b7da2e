/** A phone without a screen: pages compiled as WeChat does, drawn into jsdom, and a `wx` that notes what is asked of it. */

const path = require("node:path");
const { JSDOM } = require("jsdom");

const { window } = new JSDOM("<!doctype html><body></body>", { url: "https://phone.invalid" });
for (const name of ["document", "Event", "CustomEvent", "Node", "HTMLElement", "Element", "TouchEvent", "getComputedStyle"]) {
  global[name] = window[name];
}
global.window = window;

const config = require("../config");
config.base = process.env.GONGYI_BASE || "https://gongyi.example.gov.cn";
config.developmentName = process.env.GONGYI_BASE ? "shell" : "";

const ROOT = path.dirname(__dirname);
const storage = new Map();
/** What was asked of WeChat: `[name, argument]`. */
const asked = [];
/** Answers by name: a value for `success`, or a function of what was asked; `{ fail }` fails. */
const answers = {};
/** Answers of the service: `METHOD /path` -> `[status, body]`, a function of the request, or a list used up one by one. */
const service = {};
const requests = [];
let pending = 0;

function say(name, options = {}) {
  asked.push([name, options]);
  let answer = answers[name];
  if (typeof answer === "function") answer = answer(options);
  if (answer === undefined) return;
  if (answer && answer.fail) options.fail?.(answer.fail);
  else options.success?.(answer);
  options.complete?.();
}

function fromService({ url, method, data, header, success, fail }) {
  const route = url.slice(config.base.length + "/api/v1".length);
  requests.push({ method, route, data, header });
  if (process.env.GONGYI_BASE) {
    pending += 1;
    fetch(url, { method, headers: header, body: data === undefined ? undefined : JSON.stringify(data) })
      .then(async (answer) => success({ statusCode: answer.status, data: await answer.json().catch(() => "") }), fail)
      .finally(() => {
        pending -= 1;
      });
    return;
  }
  let answer = service[`${method} ${route}`];
  if (Array.isArray(answer) && Array.isArray(answer[0])) answer = answer.length > 1 ? answer.shift() : answer[0];
  if (typeof answer === "function") answer = answer({ data, header });
  if (answer === undefined || answer === "offline") setImmediate(() => fail({ errMsg: "request:fail" }));
  else setImmediate(() => success({ statusCode: answer[0], data: answer[1] ?? "" }));
}

const wx = {
  request: fromService,
  getStorageSync: (key) => storage.get(key) ?? "",
  setStorageSync: (key, value) => storage.set(key, value),
  removeStorageSync: (key) => storage.delete(key),
  getAppBaseInfo: () => ({ language: "zh_CN", fontSizeSetting: 17, ...answers.getAppBaseInfo }),
};
for (const name of [
  "login", "navigateTo", "redirectTo", "reLaunch", "navigateBack", "getPrivacySetting", "openPrivacyContract",
  "requestSubscribeMessage", "scanCode", "showModal",
]) {
  wx[name] = (options) => say(name, options);
}
global.wx = wx;

const app = { globalData: { binding: null } };
global.getApp = () => app;
/** What lies under the page that is open. */
const stack = [];
global.getCurrentPages = () => stack;

// the simulator draws components; a page is one whose onLoad we call
const HOOKS = ["data"];
global.Page = (page) => {
  const methods = Object.fromEntries(Object.entries(page).filter(([name]) => !HOOKS.includes(name)));
  global.Component({ data: page.data, methods });
};
const simulate = require("miniprogram-simulate");
Object.assign(global.wx, wx);

/** Forget everything that happened so far. */
function restart() {
  storage.clear();
  asked.length = 0;
  requests.length = 0;
  stack.length = 0;
  app.globalData.binding = null;
  for (const known of [answers, service]) Object.keys(known).forEach((name) => delete known[name]);
  answers.login = { code: "login-code" };
}

/** Open a page with these options; resolves when it has loaded. */
async function open(name, options = {}) {
  const id = simulate.load(path.join(ROOT, "pages", name, name), { rootPath: ROOT });
  const drawn = simulate.render(id);
  drawn.attach(document.createElement("div"));
  const page = drawn.instance;
  await page.onLoad(options);
  await settled();
  return {
    page,
    data: () => page.data,
    html: () => drawn.dom.innerHTML,
    text: () => drawn.dom.textContent.replace(/\s+/g, " ").trim(),
    has: (selector) => drawn.querySelector(selector) !== undefined,
    tap: async (selector) => {
      const found = drawn.querySelector(selector);
      if (!found) throw new Error(`nothing to tap: ${selector}`);
      found.dispatchEvent("tap");
      await settled();
    },
    fire: async (selector, event, detail) => {
      drawn.querySelector(selector).dispatchEvent(event, { detail });
      await settled();
    },
    close: () => {
      page.onUnload?.();
      drawn.detach();
    },
  };
}

/** Until what was asked has been answered and drawn. */
async function settled() {
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (pending > 0);
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const last = (name) => asked.filter(([each]) => each === name).at(-1)?.[1];

module.exports = { ROOT, config, stack, storage, asked, answers, service, requests, app, restart, open, settled, last };
