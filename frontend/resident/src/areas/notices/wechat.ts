/** The native page of the mini program that may ask for a subscribe message; elsewhere people are told by the other ways. */

import { inMiniProgram, openNative } from "../../miniProgram";

export { inMiniProgram };

/** Open the native page that asks WeChat's question; false where that cannot be done. */
export function askInWeChat(round?: string): boolean {
  return openNative("/pages/subscribe/subscribe" + (round === undefined ? "" : `?round=${round}`));
}
