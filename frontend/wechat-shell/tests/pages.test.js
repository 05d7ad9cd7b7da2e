const assert = require("node:assert/strict");
const { beforeEach, test } = require("node:test");
const { answers, app, asked, config, last, open, requests, restart, service, stack, storage } = require("./phone");

const TOKENS = { access_token: "access-1", refresh_token: "refresh-1", expires_in: 600 };
const NOT_BOUND = [409, { code: "wechat_not_bound", detail: "…", binding: "binding-1" }];
const ROUND = "6f9619ff-8b86-4011-b42d-00cf4fc964ff";

beforeEach(restart);

const signedIn = (until = Date.now() + 60_000) => storage.set("session", { access: "access-0", refresh: "refresh-0", until });
const tokens = () => requests.filter(({ route }) => route === "/auth/tokens").map(({ data }) => data);

test("index: who is known goes straight to the pages", async () => {
  service["POST /auth/tokens"] = [200, TOKENS];
  const index = await open("index", { to: encodeURIComponent(`/round/${ROUND}`), community: "520102031006" });
  await index.tap("#enter");
  assert.deepEqual(tokens(), [{ wechat_code: "login-code" }]);
  assert.equal(last("navigateTo").url, `/pages/web/web?community=520102031006&to=%2Fround%2F${ROUND}`);
  assert.equal(storage.get("session").refresh, "refresh-1");
  assert.equal(index.data().busy, false);
});

test("index: who is not known shows once who they are", async () => {
  service["POST /auth/tokens"] = NOT_BOUND;
  const index = await open("index");
  await index.tap("#enter");
  assert.equal(last("navigateTo").url, "/pages/bind/bind?to=%2F");
  assert.equal(app.globalData.binding, "binding-1");
  assert.equal(storage.has("session"), false);
});

test("index: who is signed in already asks WeChat nothing", async () => {
  signedIn();
  const index = await open("index");
  await index.tap("#enter");
  assert.equal(requests.length, 0);
  assert.equal(asked.some(([name]) => name === "login"), false);
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F");
});

test("index: an old sign-in is renewed, and one that ended begins anew", async () => {
  signedIn(Date.now() - 1);
  service["POST /auth/tokens"] = [[401, { code: "token_invalid" }], [200, TOKENS]];
  const index = await open("index");
  await index.tap("#enter");
  assert.deepEqual(tokens(), [{ refresh_token: "refresh-0" }, { wechat_code: "login-code" }]);
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F");
});

test("index: a lost line says so, and the same button tries again", async () => {
  service["POST /auth/tokens"] = "offline";
  const index = await open("index");
  await index.tap("#enter");
  assert.match(index.text(), /连不上网络/);
  assert.match(index.text(), /再试一次/);
  service["POST /auth/tokens"] = [200, TOKENS];
  await index.tap("#enter");
  assert.doesNotMatch(index.text(), /连不上网络/);
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F");
});

test("index: the service's own sentence is shown, and looking around needs no sign-in", async () => {
  service["POST /auth/tokens"] = [503, { code: "wechat_busy", detail: "微信暂时没有响应，请 5 秒后再试。" }];
  const index = await open("index");
  await index.tap("#enter");
  assert.match(index.text(), /微信暂时没有响应，请 5 秒后再试。/);
  await index.tap("#look");
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F&guest=1");
});

test("index: consent comes before anything is asked of WeChat", async () => {
  answers.getPrivacySetting = { needAuthorization: true, privacyContractName: "《共议隐私保护指引》" };
  service["POST /auth/tokens"] = [200, TOKENS];
  const index = await open("index");
  assert.equal(index.has("#enter"), false);
  assert.match(index.text(), /阅读《共议隐私保护指引》/);
  assert.equal(asked.some(([name]) => name === "login"), false);
  await index.fire("#agree", "agreeprivacyauthorization");
  assert.equal(index.has("#consent"), false);
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F");
});

test("index: the code on a poster leads to its page and names the community", async () => {
  service["GET /links/7F3KQ"] = [
    200,
    { address: `/app/?community=520102031006&building=3%E6%A0%8B#/round/${ROUND}`, community_code: "520102031006", building: "3栋", division: "花果园大街社区" },
  ];
  service["POST /auth/tokens"] = [200, TOKENS];
  const index = await open("index", { scene: "7F3KQ" });
  assert.match(index.text(), /花果园大街社区/);
  await index.tap("#enter");
  assert.equal(last("navigateTo").url, `/pages/web/web?community=520102031006&building=3%E6%A0%8B&to=%2Fround%2F${ROUND}`);
  assert.equal(requests.filter(({ route }) => route.startsWith("/links")).length, 1);
  const again = await open("index");
  assert.match(again.text(), /花果园大街社区/);
});

test("index: a code nobody has is said, and entering goes on to the first page", async () => {
  service["GET /links/ZZZZZ"] = [404, { code: "link_not_found", detail: "…" }];
  service["POST /auth/tokens"] = [200, TOKENS];
  const index = await open("index", { scene: "ZZZZZ" });
  assert.match(index.text(), /没有找到这个码/);
  await index.tap("#enter");
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F");
});

test("index: a page somebody was sent may lead to our pages only", async () => {
  for (const to of ["https%3A%2F%2Felsewhere.example", "%2F%2Felsewhere.example", "%E0%A4%A"]) {
    const index = await open("index", { to });
    await index.tap("#look");
    assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F&guest=1", to);
  }
});

test("web: opens our pages with a ticket behind the #", async () => {
  signedIn();
  service["POST /auth/tickets"] = [201, { ticket: "ticket-1", expires_in: 60 }];
  const web = await open("web", { to: encodeURIComponent(`/round/${ROUND}`), community: "520102031006", building: "3%E6%A0%8B" });
  assert.equal(web.data().src, `${config.base}/app/?community=520102031006&building=3%E6%A0%8B#/enter/ticket-1?to=%2Fround%2F${ROUND}`);
  assert.equal(requests[0].header.Authorization, "Bearer access-0");
  assert.equal(web.has("#web"), true);
});

test("web: says that it is opening, then what went wrong, and tries again with a new ticket", async () => {
  signedIn();
  service["POST /auth/tickets"] = "offline";
  const web = await open("web", {});
  assert.equal(web.has("#web"), false);
  assert.match(web.text(), /页面没有打开.*连不上网络/);
  service["POST /auth/tickets"] = [201, { ticket: "ticket-2" }];
  await web.tap("#retry");
  assert.match(web.data().src, /#\/enter\/ticket-2\?to=%2F$/);
  await web.fire("#web", "error", { url: web.data().src });
  assert.equal(web.has("#web"), false);
  service["POST /auth/tickets"] = [201, { ticket: "ticket-3" }];
  await web.tap("#retry");
  assert.match(web.data().src, /ticket-3/);
});

test("web: guests, and sign-ins that may have no ticket, see the pages without one", async () => {
  const guest = await open("web", { to: "%2F", guest: "1" });
  assert.equal(guest.data().src, `${config.base}/app/#/leave?to=%2F`);
  assert.equal(requests.length, 0);
  for (const status of [401, 403]) {
    signedIn();
    service["POST /auth/tickets"] = [status, { code: "not_allowed" }];
    const web = await open("web", {});
    assert.equal(web.data().src, `${config.base}/app/#/leave?to=%2F`);
  }
});

test("web: what is shared holds no ticket and no page about oneself", async () => {
  signedIn();
  service["POST /auth/tickets"] = [201, { ticket: "ticket-1" }];
  const web = await open("web", { to: encodeURIComponent(`/project/${ROUND}`), community: "520102031006" });
  const first = web.page.onShareAppMessage();
  assert.equal(first.path, `/pages/index/index?to=%2Fproject%2F${ROUND}&community=520102031006`);
  const later = web.page.onShareAppMessage({ webViewUrl: `${config.base}/app/?community=520102031006#/me` });
  assert.equal(later.path, "/pages/index/index?to=%2F&community=520102031006");
  assert.doesNotMatch(JSON.stringify([first, later]), /ticket/);
  assert.ok(first.title);
});

test("bind: by the phone number button", async () => {
  app.globalData.binding = "binding-1";
  service["POST /auth/tokens"] = [200, TOKENS];
  const bind = await open("bind", { to: "%2Fme", community: "520102031006" });
  await bind.fire("#phone-button", "getphonenumber", { code: "phone-code" });
  assert.deepEqual(tokens(), [{ wechat_binding: "binding-1", phone_code: "phone-code" }]);
  assert.equal(last("redirectTo").url, "/pages/web/web?community=520102031006&to=%2Fme");
  assert.equal(app.globalData.binding, null);
});

test("bind: opened from the pages it goes back to them, and they enter anew", async () => {
  const web = await open("web", { to: "%2F", guest: "1", community: "520102031006" });
  app.globalData.binding = "binding-1";
  service["POST /auth/tokens"] = [200, TOKENS];
  service["POST /auth/tickets"] = [201, { ticket: "ticket-1" }];
  const bind = await open("bind", { to: encodeURIComponent(`/round/${ROUND}/review`) });
  stack.push({ route: "pages/index/index" }, Object.assign(web.page, { route: "pages/web/web" }), bind.page);
  await bind.fire("#phone-button", "getphonenumber", { code: "phone-code" });
  assert.ok(asked.some(([name]) => name === "navigateBack"));
  assert.equal(last("redirectTo"), undefined);
  assert.equal(web.data().src, `${config.base}/app/?community=520102031006#/enter/ticket-1?to=%2Fround%2F${ROUND}%2Freview`);
});

test("bind: who gives no number, or where the calls are used up, is shown the other ways", async () => {
  app.globalData.binding = "binding-1";
  const bind = await open("bind");
  for (const detail of [{ errMsg: "getPhoneNumber:fail user deny" }, { errno: 1400001 }]) {
    await bind.fire("#phone-button", "getphonenumber", detail);
    assert.match(bind.text(), /可以改用短信验证码或纸质码/);
  }
  assert.equal(requests.length, 0);
  assert.equal(bind.has("#to-code") && bind.has("#to-paper"), true);
});

test("bind: by a code sent to the phone, with its countdown", async () => {
  app.globalData.binding = "binding-1";
  service["POST /auth/codes"] = [202, { challenge_id: "challenge-1", expires_in: 300, development_code: "123456" }];
  service["POST /auth/tokens"] = [[401, { code: "wrong_code", detail: "验证码不对" }], [200, TOKENS]];
  const bind = await open("bind");
  await bind.tap("#to-code");
  await bind.fire("#phone", "input", { value: "13900000001" });
  await bind.tap("#send");
  assert.match(bind.text(), /演示用验证码：123456/);
  assert.match(bind.text(), /60 秒后可重新获取/);
  await bind.tap("#send");
  assert.equal(requests.filter(({ route }) => route === "/auth/codes").length, 1);
  await bind.fire("#code", "input", { value: "000000" });
  await bind.tap("#confirm");
  assert.match(bind.text(), /验证码不对/);
  await bind.fire("#code", "input", { value: "123456" });
  await bind.tap("#confirm");
  assert.deepEqual(tokens().at(-1), { wechat_binding: "binding-1", challenge_id: "challenge-1", code: "123456" });
  assert.equal(last("redirectTo").url, "/pages/web/web?to=%2F");
  bind.close();
});

test("bind: asked too soon, the service says how long to wait", async () => {
  app.globalData.binding = "binding-1";
  service["POST /auth/codes"] = [429, { code: "code_too_soon", detail: "37 秒后可以重新获取。", retry_after: 37 }];
  const bind = await open("bind");
  await bind.tap("#to-code");
  await bind.tap("#send");
  assert.match(bind.text(), /37 秒后可重新获取/);
  bind.close();
});

test("bind: by a code on paper", async () => {
  app.globalData.binding = "binding-1";
  service["POST /auth/tokens"] = [200, TOKENS];
  const bind = await open("bind");
  await bind.tap("#to-paper");
  await bind.fire("#paper", "input", { value: "7k3qf-9xw2m" });
  await bind.tap("#confirm-paper");
  assert.deepEqual(tokens(), [{ wechat_binding: "binding-1", one_time_code: "7k3qf-9xw2m" }]);
});

test("bind: a ticket that is too old is renewed, and one more tap is enough", async () => {
  app.globalData.binding = "binding-old";
  service["POST /auth/tokens"] = ({ data }) => {
    if (data.wechat_code) return [409, { code: "wechat_not_bound", binding: "binding-new" }];
    return data.wechat_binding === "binding-new" ? [200, TOKENS] : [401, { code: "wechat_binding_invalid", detail: "…" }];
  };
  const bind = await open("bind");
  await bind.fire("#phone-button", "getphonenumber", { code: "one" });
  assert.match(bind.text(), /请再点一次/);
  await bind.fire("#phone-button", "getphonenumber", { code: "two" });
  assert.equal(last("redirectTo").url, "/pages/web/web?to=%2F");
});

test("bind: opened without a ticket it gets one, and who is known goes on", async () => {
  service["POST /auth/tokens"] = NOT_BOUND;
  await open("bind");
  assert.equal(app.globalData.binding, "binding-1");
  restart();
  service["POST /auth/tokens"] = [200, TOKENS];
  await open("bind", { to: "%2Fme" });
  assert.equal(last("redirectTo").url, "/pages/web/web?to=%2Fme");
});

const TEMPLATES = [
  200,
  {
    items: [
      { template: "result", template_id: "id-result", left_over: 0 },
      { template: "reminder", template_id: "id-reminder", left_over: 1 },
      { template: "other", template_id: null, left_over: 0 },
    ],
  },
];

test("subscribe: one tap asks WeChat, and the answer goes to the service by our names", async () => {
  signedIn();
  service["GET /me/subscriptions"] = TEMPLATES;
  service["POST /me/subscriptions"] = TEMPLATES;
  answers.requestSubscribeMessage = { "id-result": "accept", "id-reminder": "reject", errMsg: "requestSubscribeMessage:ok" };
  const page = await open("subscribe", { round: ROUND });
  assert.equal(last("requestSubscribeMessage"), undefined);
  await page.tap("#ask");
  assert.deepEqual(last("requestSubscribeMessage").tmplIds, ["id-result", "id-reminder"]);
  assert.deepEqual(requests.at(-1).data, { results: { result: "accept", reminder: "reject" }, round_id: ROUND });
  assert.match(page.text(), /有结果就告诉您/);
  assert.equal(page.has("#ask"), false);
  await page.tap("#done");
  assert.ok(asked.some(([name]) => name === "navigateBack"));
});

test("subscribe: nothing comes between the tap and the question", async () => {
  signedIn();
  service["GET /me/subscriptions"] = TEMPLATES;
  const page = await open("subscribe");
  page.page.ask();
  assert.equal(asked.at(-1)[0], "requestSubscribeMessage");
});

test("subscribe: at most three are asked for; a no is a no; switched off is explained", async () => {
  signedIn();
  const many = [1, 2, 3, 4].map((each) => ({ template: `t${each}`, template_id: `id-${each}`, left_over: 0 }));
  service["GET /me/subscriptions"] = [200, { items: many }];
  service["POST /me/subscriptions"] = TEMPLATES;
  answers.requestSubscribeMessage = { "id-1": "reject", "id-2": "ban", "id-3": "filter" };
  const page = await open("subscribe", { round: "not-a-round" });
  await page.tap("#ask");
  assert.deepEqual(requests.at(-1).data, { results: { t1: "reject", t2: "ban", t3: "filter" } });
  assert.match(page.text(), /不发消息/);
  answers.requestSubscribeMessage = { fail: { errCode: 20004 } };
  const off = await open("subscribe");
  await off.tap("#ask");
  assert.match(off.text(), /关掉了订阅消息/);
});

test("subscribe: where it is not set up, and when the line is lost", async () => {
  signedIn();
  service["GET /me/subscriptions"] = [200, { items: [{ template: "result", template_id: null, left_over: 0 }] }];
  const none = await open("subscribe");
  assert.match(none.text(), /还没有开通微信消息/);
  service["GET /me/subscriptions"] = "offline";
  const lost = await open("subscribe");
  assert.match(lost.text(), /连不上网络/);
  service["GET /me/subscriptions"] = TEMPLATES;
  await lost.tap("#retry");
  assert.equal(lost.has("#ask"), true);
});

test("scan: our own codes lead on, others nowhere", async () => {
  answers.scanCode = { result: `${config.base}/q/7F3KQ` };
  const scan = await open("scan");
  await scan.tap("#start");
  assert.equal(last("reLaunch").url, "/pages/index/index?scene=7F3KQ");
  answers.scanCode = { result: "https://elsewhere.example/q/7F3KQ" };
  await scan.tap("#start");
  assert.match(scan.text(), /这不是共议的二维码/);
  assert.equal(asked.filter(([name]) => name === "reLaunch").length, 1);
  await scan.fire("#typed", "input", { value: "7f3kq" });
  await scan.tap("#go");
  assert.equal(last("reLaunch").url, "/pages/index/index?scene=7f3kq");
});

test("privacy: says what is taken, and unbinds after a question", async () => {
  signedIn();
  service["DELETE /me/wechat"] = [204, ""];
  answers.showModal = { confirm: false };
  const page = await open("privacy");
  assert.match(page.text(), /openid.*手机号.*相机/);
  await page.tap("#unbind");
  assert.equal(requests.length, 0);
  answers.showModal = { confirm: true };
  await page.tap("#unbind");
  assert.match(page.text(), /已解除绑定/);
  assert.equal(storage.has("session"), false);
  assert.equal(page.has("#unbind"), false);
});

test("privacy: signing out forgets even when the line is lost", async () => {
  signedIn();
  service["DELETE /auth/session"] = "offline";
  const page = await open("privacy");
  await page.tap("#sign-out");
  assert.equal(storage.has("session"), false);
  assert.match(page.text(), /已退出登录/);
});
