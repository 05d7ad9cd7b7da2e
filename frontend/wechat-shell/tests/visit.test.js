/** A visit against the real service, whose address stands in GONGYI_BASE; tests/frontend/test_wechat_shell.py starts it. */

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { app, config, last, open, restart, storage } = require("./phone");

const post = async (body) => {
  const answer = await fetch(`${config.base}/api/v1/auth/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json()];
};

test("somebody comes for the first time, binds, enters, and is known the next time", { skip: !process.env.GONGYI_BASE }, async () => {
  restart();
  const index = await open("index", { to: "%2Fme" });
  await index.tap("#enter");
  assert.equal(last("navigateTo").url, "/pages/bind/bind?to=%2Fme");
  assert.ok(app.globalData.binding);

  const bind = await open("bind", { to: "%2Fme" });
  await bind.tap("#to-code");
  await bind.fire("#phone", "input", { value: "13900007777" });
  await bind.tap("#send");
  const code = /(\d{6})/.exec(bind.data().shown)[1];
  await bind.fire("#code", "input", { value: "000000" });
  await bind.tap("#confirm");
  assert.ok(bind.data().problem, "a wrong code is refused in the service's words");
  await bind.fire("#code", "input", { value: code });
  await bind.tap("#confirm");
  assert.equal(last("redirectTo").url, "/pages/web/web?to=%2Fme");
  bind.close();

  const web = await open("web", { to: "%2Fme" });
  const [, ticket] = /#\/enter\/([\w-]+)\?to=%2Fme$/.exec(web.data().src);
  const [status, tokens] = await post({ ticket });
  assert.equal(status, 200);
  assert.notEqual(tokens.refresh_token, storage.get("session").refresh);
  assert.deepEqual([(await post({ ticket }))[0], (await post({ ticket }))[1].code], [401, "ticket_invalid"]);

  const subscribe = await open("subscribe");
  assert.equal(subscribe.data().problem, "");
  assert.ok(subscribe.data().ids.length > 0);

  const name = config.developmentName;
  restart();
  config.developmentName = name;
  const again = await open("index");
  await again.tap("#enter");
  assert.equal(last("navigateTo").url, "/pages/web/web?to=%2F");

  const privacy = await open("privacy");
  await privacy.page.end("unbound", () => require("../lib/session").mine("DELETE", "/me/wechat"));
  await (await open("index")).tap("#enter");
  assert.equal(last("navigateTo").url, "/pages/bind/bind?to=%2F");
});
