/** Calls to the service. A refusal carries the service's own sentence; a lost line is told apart from it. */

const { base } = require("../config");
const { language, t } = require("./words");

const TIMEOUT_MS = 10000;

class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || t("busy"));
    this.status = status;
    this.code = body.code || "";
    this.facts = body;
  }
}

class Offline extends Error {
  constructor() {
    super(t("offline"));
    this.code = "offline";
  }
}

/** One call; `token` signs it. */
function call(method, path, { body, token } = {}) {
  return new Promise((resolve, reject) => {
    wx.request({
      url: `${base}/api/v1${path}`,
      method,
      data: body,
      timeout: TIMEOUT_MS,
      header: Object.assign(
        { "Content-Type": "application/json", "Accept-Language": language() },
        token ? { Authorization: `Bearer ${token}` } : {},
      ),
      success: ({ statusCode, data }) => {
        if (statusCode >= 200 && statusCode < 300) resolve(data);
        else reject(new Refusal(statusCode, data && typeof data === "object" ? data : {}));
      },
      fail: () => reject(new Offline()),
    });
  });
}

module.exports = { call, Refusal, Offline };
