const assert = require("node:assert/strict");
const { test } = require("node:test");
const { config } = require("./phone");
const address = require("../lib/address");

const ROUND = "6f9619ff-8b86-4011-b42d-00cf4fc964ff";
const TICKET = "t".repeat(43);

test("an address inside our pages, or the first page", () => {
  for (const good of ["/", `/round/${ROUND}`, "/me", "/round/x/rank"]) assert.equal(address.inApp(good), good);
  assert.equal(address.inApp("#/me"), "/me");
  for (const bad of [undefined, "", "https://elsewhere.example", "//elsewhere.example", "javascript:alert(1)", "/x?y=z", "/enter/ticket", "/leave", "/a b", "/" + "x".repeat(300)]) {
    assert.equal(address.inApp(bad), "/", String(bad));
  }
});

test("a short code is five characters, or our own address", () => {
  assert.equal(address.shortCode("7F3KQ"), "7F3KQ");
  assert.equal(address.shortCode(` ${config.base}/q/7F3KQ?x=1#y `), "7F3KQ");
  for (const bad of ["7F3KQQ", "https://elsewhere.example/q/7F3KQ", `${config.base}.evil.example/q/7F3KQ`, `${config.base}/q/7F3KQ/x`, `${config.base}/q/`, "", null, "7F3 K"]) {
    assert.equal(address.shortCode(bad), null, String(bad));
  }
});

test("a round code and a scanned poster open the same page", () => {
  assert.equal(address.openedWith({ scene: "7F3KQ" }), "7F3KQ");
  assert.equal(address.openedWith({ scene: encodeURIComponent("7F3KQ") }), "7F3KQ");
  assert.equal(address.openedWith({ q: encodeURIComponent(`${config.base}/q/7F3KQ`) }), "7F3KQ");
  assert.equal(address.openedWith({ scene: "%E0%A4%A" }), null);
  assert.equal(address.openedWith({}), null);
});

test("the ticket stands behind the # alone, and where to go is checked", () => {
  const url = address.webViewUrl({ ticket: TICKET, to: `/round/${ROUND}`, community: "520102031006", building: "3栋" });
  assert.equal(url, `${config.base}/app/?community=520102031006&building=3%E6%A0%8B#/enter/${TICKET}?to=%2Fround%2F${ROUND}`);
  assert.equal(address.webViewUrl({ to: "//elsewhere.example", community: "x" }), `${config.base}/app/#/leave?to=%2F`);
});

test("what is shared names a public page, a community, and nothing else", () => {
  const page = (url) => new URL(address.shared(url), "https://x.invalid");
  const to = (url) => page(url).searchParams.get("to");
  assert.equal(to(`${config.base}/app/#/enter/${TICKET}?to=%2Fround%2F${ROUND}`), `/round/${ROUND}`);
  assert.equal(to(`${config.base}/app/#/leave?to=%2Fround%2F${ROUND}`), `/round/${ROUND}`);
  assert.equal(to(`${config.base}/app/#/round/${ROUND}/receipt?secret=1`), `/round/${ROUND}`);
  for (const own of ["/me", "/objections", `/objection/${ROUND}`, "/notices", "/check", "/enter/x", "/sign-in?next=%23%2Fme"]) {
    assert.equal(to(`${config.base}/app/?building=3%E6%A0%8B#${own}`), "/", own);
  }
  const whole = address.shared(`${config.base}/app/?community=520102031006&building=3%E6%A0%8B&ticket=x#/enter/${TICKET}?to=%2Fme`);
  assert.equal(whole, "/pages/index/index?to=%2F&community=520102031006");
  assert.equal(address.shared(undefined), "/pages/index/index?to=%2F");
});
