/** What people read, Chinese first; English where the phone speaks it. */

const WORDS = {
  "zh-CN": {
    app: "共议", lead: "小区的事，大家议、大家定。排一排最想先办的项目，一分钟投完。", enter: "进入", entering: "正在进入…",
    look: "先看看，不登录", scan: "扫楼道海报上的码", privacy: "隐私与账号",
    consent_title: "进入前请您知道", consent: "登录只用来确认您是本社区居民：用到微信给的用户标识和您的手机号。投给谁不会和您的名字放在一起。",
    consent_read: "阅读{name}", agree: "同意并继续",
    offline: "连不上网络，请检查后再试。", busy: "服务暂时没有响应，请稍后再试。", retry: "再试一次", back_home: "回到首页", opening: "正在打开…", not_opened: "页面没有打开",
    bind_title: "确认一次身份", bind_lead: "这个微信号第一次来。确认之后，以后点开就能进。", use_phone: "用微信里的手机号", use_code: "用短信验证码", use_paper: "用居委会发的纸质码", use_other: "换一种方式",
    phone: "手机号", get_code: "获取验证码", code: "验证码", code_again: "{seconds} 秒后可重新获取", development_code: "演示用验证码：{code}", confirm: "确认", paper_code: "纸质码", paper_hint: "通知单上的 10 位字母和数字，例如 7K3QF-9XW2M",
    phone_refused: "没有取得手机号，可以改用短信验证码或纸质码。", again: "时间有点久，请再点一次。",
    subscribe_title: "结果出来告诉我", subscribe_lead: "投票结果公布时，微信会给您发一条消息。每点一次同意，只发一条。", subscribe: "好，告诉我", subscribe_done: "好的，有结果就告诉您。", subscribe_no: "好的，不发消息。结果在“公示”里一直看得到。", subscribe_off: "您在微信里关掉了订阅消息。可在右上角“…”的设置里打开。", subscribe_none: "这里还没有开通微信消息，结果会放进“我的”通知里。", done: "返回",
    scan_title: "扫码", scan_lead: "对准楼道海报上的二维码。", scan_start: "打开扫码", scan_wrong: "这不是共议的二维码。", scan_unknown: "没有找到这个码，请核对海报上的五位码。", type_code: "或输入海报上的五位码", go: "前往",
    privacy_title: "隐私与账号", privacy_what: "我们从微信得到什么", privacy_1: "登录时：一个只在本小程序有效的用户标识（openid），加密保存，用来认出您，并在您同意后发订阅消息。", privacy_2: "您点“用微信里的手机号”时：您的手机号，用来核对居民名册。", privacy_3: "扫码时：相机只读出二维码，不保存画面。", privacy_4: "不读取您的头像、昵称、位置、通讯录，也不保存微信的会话密钥。",
    privacy_guideline: "阅读《用户隐私保护指引》", unbind: "解除微信绑定", unbind_ask: "解除后，这个微信号要重新确认身份才能进入。确定吗？", unbound: "已解除绑定。", sign_out: "退出登录", signed_out: "已退出登录。", cancel: "取消", share: "一起议议小区的事",
  },
  en: {
    app: "Gongyi", lead: "Our neighbourhood, our say. Put the projects you want first in order; it takes a minute.", enter: "Enter", entering: "Entering…",
    look: "Look around without signing in", scan: "Scan the code on the poster", privacy: "Privacy and account",
    consent_title: "Before you enter", consent: "Signing in only confirms that you live here: it uses an id from WeChat and your phone number. What you vote for is never kept beside your name.",
    consent_read: "Read {name}", agree: "Agree and go on",
    offline: "No connection. Please check it and try again.", busy: "The service does not answer. Please try again later.", retry: "Try again", back_home: "Back to the first page", opening: "Opening…", not_opened: "The page did not open",
    bind_title: "Show once who you are", bind_lead: "This WeChat account is here for the first time. After this you enter with one tap.", use_phone: "Use my phone number in WeChat", use_code: "Send me a code", use_paper: "Use a code on paper", use_other: "Another way",
    phone: "Phone number", get_code: "Get a code", code: "Code", code_again: "Again in {seconds} s", development_code: "Code for the demonstration: {code}", confirm: "Confirm", paper_code: "Code on paper", paper_hint: "Ten letters and digits on the slip, such as 7K3QF-9XW2M",
    phone_refused: "WeChat gave no phone number. You can use a code by short message, or one on paper.", again: "That took a while. Please tap once more.",
    subscribe_title: "Tell me the result", subscribe_lead: "WeChat sends you one message when the result is out. Each time you agree is one message.", subscribe: "Yes, tell me", subscribe_done: "You will hear when there is a result.", subscribe_no: "No message then. The result always stands under Notices.", subscribe_off: "Messages are switched off in WeChat. Open them in the settings behind “…” at the top right.", subscribe_none: "Messages in WeChat are not set up here; the result will be in your notices.", done: "Back",
    scan_title: "Scan", scan_lead: "Point at the code on the poster in your stairwell.", scan_start: "Open the scanner", scan_wrong: "This is not one of our codes.", scan_unknown: "There is no such code. Please check the five characters on the poster.", type_code: "Or type the five characters on the poster", go: "Go",
    privacy_title: "Privacy and account", privacy_what: "What we get from WeChat", privacy_1: "When you sign in: an id that is valid in this mini program only, kept encrypted, to know you again and, where you agree, to send you a message.", privacy_2: "When you tap “Use my phone number”: that number, to look you up in the roster of residents.", privacy_3: "When you scan: the camera reads the code and keeps no picture.", privacy_4: "Never your picture, nickname, place or contacts; WeChat's session key is not kept.",
    privacy_guideline: "Read the privacy guideline", unbind: "Unbind WeChat", unbind_ask: "This WeChat account will then have to show again who it is. Go on?", unbound: "Unbound.", sign_out: "Sign out", signed_out: "Signed out.", cancel: "Cancel", share: "Let us talk about our neighbourhood",
  },
};

/** `zh-CN`, or `en` on a phone that speaks it. */
function language() {
  const told = wx.getAppBaseInfo ? wx.getAppBaseInfo().language : "zh_CN";
  return String(told || "").toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

/** A sentence, with facts put where braces stand. */
function t(key, facts) {
  const sentence = WORDS[language()][key];
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String((facts || {})[name]));
}

/** The words of a page by key, for its data. */
function words(...keys) {
  return Object.fromEntries(keys.map((key) => [key, t(key)]));
}

/** Whether WeChat is set to large type; from its sixth step on, and in 关怀模式. */
function large() {
  const told = wx.getAppBaseInfo ? wx.getAppBaseInfo() : {};
  return (told.fontSizeScaleFactor || 1) >= 1.35 || (told.fontSizeSetting || 0) >= 22;
}

module.exports = { WORDS, language, t, words, large };
