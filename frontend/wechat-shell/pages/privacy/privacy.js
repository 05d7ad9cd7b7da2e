const session = require("../../lib/session");
const { large, t, words } = require("../../lib/words");

/** What is taken from WeChat and why; the way out of the binding. */
Page({
  data: { w: {}, large: false, signedIn: false, busy: false, problem: "", told: "" },

  onLoad() {
    this.setData({
      w: words("privacy_title", "privacy_what", "privacy_1", "privacy_2", "privacy_3", "privacy_4", "privacy_guideline", "unbind", "sign_out"),
      large: large(),
      signedIn: session.signedIn(),
    });
  },

  guideline() {
    wx.openPrivacyContract();
  },

  unbind() {
    return new Promise((resolve) => {
      wx.showModal({
        content: t("unbind_ask"),
        confirmText: t("confirm"),
        cancelText: t("cancel"),
        success: ({ confirm }) => resolve(confirm ? this.end("unbound", () => session.mine("DELETE", "/me/wechat")) : undefined),
      });
    });
  },

  signOut() {
    return this.end("signed_out", session.signOut);
  },

  async end(told, act) {
    this.setData({ busy: true, problem: "" });
    try {
      await act();
      session.forget();
      this.setData({ signedIn: false, told: t(told) });
    } catch (error) {
      this.setData({ problem: error.message });
    } finally {
      this.setData({ busy: false });
    }
  },
});
