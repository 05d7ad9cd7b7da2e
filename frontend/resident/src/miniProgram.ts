/**
 * Inside the mini program's web-view.
 *
 * WeChat's own script for pages lies on another host, which our content policy and our rule forbid. The client injects the
 * bridge that script calls; opening a native page is the one call of it we need.
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

/** Open a native page of the mini program, `/pages/bind/bind?to=…`; false where that cannot be done. */
export function openNative(url: string): boolean {
  if (!inMiniProgram || here.WeixinJSBridge === undefined) return false;
  here.WeixinJSBridge.invoke("invokeMiniProgramAPI", { name: "navigateTo", arg: { url } }, () => undefined);
  return true;
}
