const session = require("../../lib/session");
const { large, t, words } = require("../../lib/words");

/** Older versions of WeChat take three at most. */
const MOST_TEMPLATES = 3;
const SWITCHED_OFF = 20004;
const ROUND = /^[0-9a-f-]{36}$/;

/** Asks, from a tap, whether WeChat may send one message; what was answered goes to the service. */
Page({
  data: { w: {}, large: false, ids: [], problem: "", told: "" },

  onLoad(options) {
    this.round = ROUND.test(options.round || "") ? options.round : null;
    this.setData({ w: words("subscribe_title", "subscribe_lead", "subscribe", "done", "retry"), large: large() });
    return this.prepare();
  },

  /** The ids must be here before the tap: WeChat lets nothing come between it and the question. */
  async prepare() {
    this.setData({ problem: "" });
    try {
      const { items } = await session.mine("GET", "/me/subscriptions");
      const known = items.filter((each) => each.template_id).slice(0, MOST_TEMPLATES);
      this.names = Object.fromEntries(known.map((each) => [each.template_id, each.template]));
      this.setData({ ids: known.map((each) => each.template_id), told: known.length ? "" : t("subscribe_none") });
    } catch (error) {
      this.setData({ problem: error.message });
    }
  },

  ask() {
    return new Promise((resolve) => {
      wx.requestSubscribeMessage({
        tmplIds: this.data.ids,
        success: (answers) => resolve(this.answered(answers)),
        fail: ({ errCode }) => {
          this.setData(errCode === SWITCHED_OFF ? { told: t("subscribe_off") } : { problem: t("busy") });
          resolve();
        },
      });
    });
  },

  async answered(answers) {
    const results = {};
    Object.keys(this.names).forEach((id) => {
      if (answers[id]) results[this.names[id]] = answers[id];
    });
    const body = this.round ? { results, round_id: this.round } : { results };
    try {
      await session.mine("POST", "/me/subscriptions", body);
      const accepted = Object.values(results).includes("accept");
      this.setData({ told: t(accepted ? "subscribe_done" : "subscribe_no"), problem: "" });
    } catch (error) {
      this.setData({ problem: error.message });
    }
  },

  done() {
    wx.navigateBack();
  },
});
