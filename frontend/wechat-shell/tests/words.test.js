const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { ROOT, answers, restart } = require("./phone");
const { WORDS, large, t } = require("../lib/words");

const files = (folder) =>
  fs.readdirSync(folder, { withFileTypes: true }).flatMap((each) => {
    if (["node_modules", "tests"].includes(each.name)) return [];
    const whole = path.join(folder, each.name);
    return each.isDirectory() ? files(whole) : [whole];
  });

test("both languages say the same things with the same facts", () => {
  assert.deepEqual(Object.keys(WORDS.en), Object.keys(WORDS["zh-CN"]));
  const facts = (sentence) => (sentence.match(/\{\w+\}/g) || []).sort();
  for (const key of Object.keys(WORDS.en)) {
    assert.deepEqual(facts(WORDS.en[key]), facts(WORDS["zh-CN"][key]), key);
    assert.doesNotMatch(WORDS.en[key], /[\u4e00-\u9fff]/, key);
  }
});

test("every word a page asks for is there, and every word is asked for", () => {
  const source = files(ROOT).filter((name) => /\.(js|wxml)$/.test(name) && !name.endsWith("words.js"));
  const text = source.map((name) => fs.readFileSync(name, "utf8")).join("\n");
  for (const [, key] of text.matchAll(/\bw\.(\w+)/g)) assert.ok(key in WORDS.en, key);
  for (const key of Object.keys(WORDS.en)) assert.match(text, new RegExp(`["'.]${key}\\b`), key);
});

test("the phone's language and type size are followed", () => {
  restart();
  assert.equal(t("enter"), "进入");
  answers.getAppBaseInfo = { language: "en", fontSizeSetting: 17 };
  assert.equal(t("enter"), "Enter");
  assert.equal(large(), false);
  answers.getAppBaseInfo = { fontSizeSetting: 23.8 };
  assert.equal(large(), true);
});

test("every page is in app.json, no secret is anywhere, and the package is small", () => {
  const app = JSON.parse(fs.readFileSync(path.join(ROOT, "app.json"), "utf8"));
  for (const page of app.pages) for (const kind of ["js", "wxml", "wxss", "json"]) assert.ok(fs.existsSync(path.join(ROOT, `${page}.${kind}`)), page);
  assert.equal(app.__usePrivacyCheck__, true);
  const shipped = files(ROOT);
  const text = shipped.map((name) => fs.readFileSync(name, "utf8")).join("\n");
  assert.doesNotMatch(text, /AppSecret|"secret"|wx[0-9a-f]{16}/i);
  const bytes = shipped.reduce((sum, name) => sum + fs.statSync(name).size, 0);
  assert.ok(bytes < 100 * 1024, `${bytes} bytes`);
});
