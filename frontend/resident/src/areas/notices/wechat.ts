/**
 * Inside the mini program's web-view.
 *
 * WeChat's own script for pages lies on another host, which our content policy and our rule forbid. The client injects the
 * bridge that script calls, and this one call of it is all we need: it opens the native page that may ask for a
 * subscribe message. Where a client has no such bridge nothing happens, and people are told by the other ways.
 */

interface Bridge {
  invoke(name: string, args: unknown, then: (answer: unknown) => void): void;
}
interface WeChatWindow {
  __wxjs_environment?: string;
  WeixinJSBridge?: Bridge;
}

const here = window as unknown as WeChatWindow;

/** Whether these pages stand in the mini program; the user agent says it before the bridge is there. */
export const inMiniProgram = here.__wxjs_environment === "miniprogram" || /miniProgram/i.test(navigator.userAgent);

/** Open the native page that asks WeChat's question; false where that cannot be done. */
export function askInWeChat(round?: string): boolean {
  const bridge = here.WeixinJSBridge;
  if (!inMiniProgram || bridge === undefined) return false;
  const url = "/pages/subscribe/subscribe" + (round === undefined ? "" : `?round=${round}`);
  bridge.invoke("invokeMiniProgramAPI", { name: "navigateTo", arg: { url } }, () => undefined);
  return true;
}
