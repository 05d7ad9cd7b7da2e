const { call } = require("../../lib/api");
const { decoded, inApp, openedWith, search } = require("../../lib/address");
const session = require("../../lib/session");
const { large, t, words } = require("../../lib/words");

const COMMUNITY = "community";

/** Landing: says what this is, asks for consent, signs in, and goes on to where a code or a card leads. */
Page({
  data: { w: {}, large: false, place: "", problem: "", consent: false, readWords: "", busy: false },

  onLoad(options) {
    this.target = { to: inApp(decoded(options.to || "/")), community: options.community };
    this.code = openedWith(options);
    this.setData({
      w: words("app", "lead", "enter", "entering", "look", "scan", "privacy", "consent_title", "consent", "agree", "retry"),
      large: large(),
      place: (wx.getStorageSync(COMMUNITY) || {}).name || "",
    });
    this.askConsent();
    if (this.code) this.find().catch((error) => this.setData({ problem: error.message }));
  },

  /** Whether WeChat has our guideline agreed to; older versions know no such thing. */
  askConsent() {
    if (!wx.getPrivacySetting) return;
    wx.getPrivacySetting({
      success: ({ needAuthorization, privacyContractName }) => {
        this.setData({ consent: needAuthorization, readWords: t("consent_read", { name: privacyContractName }) });
      },
    });
  },

  readGuideline() {
    wx.openPrivacyContract();
  },

  agreed() {
    this.setData({ consent: false });
    return this.enter();
  },

  /** Where the short code leads, once. */
  async find() {
    if (!this.code) return;
    try {
      const link = await call("GET", `/links/${this.code}`);
      this.target = {
        to: inApp(link.address.split("#")[1]),
        community: link.community_code,
        building: link.building,
      };
      this.code = null;
      wx.setStorageSync(COMMUNITY, { code: link.community_code, name: link.division });
      this.setData({ place: link.division, problem: "" });
    } catch (error) {
      if (error.code !== "link_not_found") throw error;
      this.code = null;
      throw new Error(t("scan_unknown"));
    }
  },

  async enter() {
    if (this.data.busy) return;
    this.setData({ busy: true, problem: "" });
    try {
      await this.find();
      const found = await session.signIn();
      wx.navigateTo({ url: `/pages/${found === "in" ? "web/web" : "bind/bind"}${this.query()}` });
    } catch (error) {
      this.setData({ problem: error.message || t("busy") });
    } finally {
      this.setData({ busy: false });
    }
  },

  async look() {
    await this.find().catch(() => undefined);
    wx.navigateTo({ url: `/pages/web/web${this.query()}&guest=1` });
  },

  scan() {
    wx.navigateTo({ url: "/pages/scan/scan" });
  },

  privacy() {
    wx.navigateTo({ url: "/pages/privacy/privacy" });
  },

  query() {
    const place = search(this.target);
    return `${place}${place ? "&" : "?"}to=${encodeURIComponent(this.target.to)}`;
  },

  onShareAppMessage() {
    return { title: t("share"), path: `/pages/index/index${this.query()}` };
  },
});
