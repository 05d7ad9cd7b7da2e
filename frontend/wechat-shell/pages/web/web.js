const { decoded, inApp, shared, webViewUrl } = require("../../lib/address");
const session = require("../../lib/session");
const { large, t, words } = require("../../lib/words");

/** The residents' pages. They get a ticket, good once, behind the # of their address. */
Page({
  data: { w: {}, large: false, src: "", problem: "" },

  onLoad(options) {
    this.place = {
      to: inApp(decoded(options.to || "/")),
      community: options.community,
      building: decoded(options.building || ""),
    };
    this.guest = options.guest === "1";
    this.setData({ w: words("opening", "not_opened", "retry", "back_home"), large: large() });
    return this.open();
  },

  /** Signed in meanwhile: on at this address. */
  enter(to) {
    this.place.to = to;
    this.guest = false;
    return this.open();
  },

  async open() {
    this.setData({ src: "", problem: "" });
    try {
      const ticket = this.guest ? null : await session.ticket();
      this.setData({ src: webViewUrl(Object.assign({ ticket }, this.place)) });
    } catch (error) {
      this.setData({ problem: error.message || t("busy") });
    }
  },

  /** WeChat could not load the page; the ticket in its address may be used up, so trying again asks for another. */
  failed() {
    this.setData({ src: "", problem: t("offline") });
  },

  home() {
    wx.reLaunch({ url: "/pages/index/index" });
  },

  onShareAppMessage({ webViewUrl: url } = {}) {
    return { title: t("share"), path: shared(url || webViewUrl(this.place)) };
  },
});
