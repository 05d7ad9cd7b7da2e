/** Where this page is open, and what may be handed on of its address. */

declare global {
  interface Window {
    __wxjs_environment?: string;
  }
}

export const inMiniProgram = (): boolean => window.__wxjs_environment === "miniprogram";
export const inWeChat = (): boolean => /MicroMessenger/i.test(navigator.userAgent);

/** This page, with its community and nothing of the person who looks at it. */
export function plainAddress(community: string | null): string {
  const search = community === null ? "" : `?community=${community}`;
  const hash = (location.hash || "#/").split("?")[0];
  return `${location.origin}${location.pathname}${search}${hash}`;
}
