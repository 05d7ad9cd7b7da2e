const { call } = require("../../lib/api");
const { decoded, inApp, search } = require("../../lib/address");
const session = require("../../lib/session");
const { large, t, words } = require("../../lib/words");

const SECONDS_BETWEEN_CODES = 60;

/** Once: whose account may this WeChat user open? By phone number, by a code sent to it, or by a code on paper. */
Page({
  data: {
    w: {}, large: false, way: "choose", problem: "", busy: false,
    phone: "", challenge: "", code: "", paper: "", shown: "", wait: 0, waitWords: "",
  },

  onLoad(options) {
    this.place = { community: options.community, building: decoded(options.building || "") };
    this.to = inApp(decoded(options.to || "/"));
    this.setData({
      w: words("bind_title", "bind_lead", "use_phone", "use_code", "use_paper", "use_other", "phone", "get_code", "code", "confirm", "paper_code", "paper_hint"),
      large: large(),
    });
    if (!getApp().globalData.binding) return this.renew();
    return undefined;
  },

  onUnload() {
    clearInterval(this.clock);
  },

  /** A ticket to bind with; whoever turns out to be known already goes on at once. */
  async renew() {
    try {
      if ((await session.signIn()) === "in") this.goOn();
    } catch (error) {
      this.setData({ problem: error.message || t("busy") });
    }
  },

  toChoose() {
    this.setData({ way: "choose", problem: "" });
  },
  toCode() {
    this.setData({ way: "code", problem: "" });
  },
  toPaper() {
    this.setData({ way: "paper", problem: "" });
  },
  typedPhone({ detail }) {
    this.setData({ phone: detail.value });
  },
  typedCode({ detail }) {
    this.setData({ code: detail.value });
  },
  typedPaper({ detail }) {
    this.setData({ paper: detail.value });
  },

  /** The phone number button: its code, or a refusal, or an exhausted quota (errno 1400001). */
  phoneGiven({ detail }) {
    if (!detail.code) {
      this.setData({ problem: t("phone_refused") });
      return undefined;
    }
    return this.prove({ phone_code: detail.code });
  },

  async sendCode() {
    if (this.data.busy || this.data.wait > 0) return;
    this.setData({ busy: true, problem: "" });
    try {
      const sent = await call("POST", "/auth/codes", { body: { phone: this.data.phone } });
      this.setData({
        challenge: sent.challenge_id,
        shown: sent.development_code ? t("development_code", { code: sent.development_code }) : "",
      });
      this.count(SECONDS_BETWEEN_CODES);
    } catch (error) {
      if (error.facts && error.facts.retry_after) this.count(error.facts.retry_after);
      this.setData({ problem: error.message });
    } finally {
      this.setData({ busy: false });
    }
  },

  count(seconds) {
    clearInterval(this.clock);
    const until = Date.now() + seconds * 1000;
    const tick = () => {
      const wait = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      this.setData({ wait, waitWords: t("code_again", { seconds: wait }) });
      if (wait === 0) clearInterval(this.clock);
    };
    this.clock = setInterval(tick, 1000);
    tick();
  },

  confirmCode() {
    return this.prove({ challenge_id: this.data.challenge, code: this.data.code });
  },

  confirmPaper() {
    return this.prove({ one_time_code: this.data.paper });
  },

  async prove(proof) {
    if (this.data.busy) return;
    this.setData({ busy: true, problem: "" });
    try {
      await session.bind(proof);
      this.goOn();
    } catch (error) {
      this.setData({ problem: error.code === "wechat_binding_invalid" ? t("again") : error.message || t("busy") });
      // the ticket lives a quarter of an hour: a new one, and one more tap
      if (error.code === "wechat_binding_invalid") await this.renew();
    } finally {
      this.setData({ busy: false });
    }
  },

  /** Back to the pages this was opened from, which enter anew; or on to them. */
  goOn() {
    const before = getCurrentPages().at(-2);
    if (before && before.route === "pages/web/web") {
      before.enter(this.to);
      wx.navigateBack();
      return;
    }
    const place = search(this.place);
    wx.redirectTo({ url: `/pages/web/web${place}${place ? "&" : "?"}to=${encodeURIComponent(this.to)}` });
  },
});
