const { shortCode } = require("../../lib/address");
const { large, t, words } = require("../../lib/words");

/** The code on a poster, scanned or typed; whatever else a camera reads leads nowhere. */
Page({
  data: { w: {}, large: false, problem: "", typed: "" },

  onLoad() {
    this.setData({ w: words("scan_title", "scan_lead", "scan_start", "type_code", "go"), large: large() });
  },

  start() {
    wx.scanCode({ scanType: ["qrCode"], success: ({ result }) => this.open(result) });
  },

  typedCode({ detail }) {
    this.setData({ typed: detail.value });
  },

  goTyped() {
    this.open(this.data.typed);
  },

  open(text) {
    const code = shortCode(text);
    if (code === null) this.setData({ problem: t("scan_wrong") });
    else wx.reLaunch({ url: `/pages/index/index?scene=${code}` });
  },
});
