/** What the ways in have in common. */

import type { Schemas } from "@gongyi/shared/api/client";
import { Offline, Refusal } from "@gongyi/shared/problems";
import { begin, type TokensIn } from "@gongyi/shared/session";
import { load, save } from "@gongyi/shared/store";
import { onScopeDispose, ref, type Ref } from "vue";

import { language } from "../../i18n";
import { CONSENT_PENDING, inApp, replace } from "../../router";

/** A code that is on its way: kept, because reading the short message may close this page on a small phone. */
export interface Sent {
  challenge: string;
  phone: string;
  /** Milliseconds of this phone's clock: when the code is no good any more, and when another may be asked for. */
  until: number;
  again: number;
  /** The code itself, in development only. */
  shown: string | null;
}

const SENT = "door.sent";

export function keepSent(sent: Sent | null): void {
  save(SENT, sent);
}

export function keptSent(): Sent | null {
  const sent = load<Sent | null>(SENT, null);
  if (sent === null || sent.until > Date.now()) return sent;
  keepSent(null);
  return null;
}

/**
 * Exchange a proof for tokens, as nobody: whoever is signed in here keeps that when the proof is no good.
 *
 * @throws Refusal, Offline
 */
export async function exchange(proof: Partial<Schemas["TokenRequest"]>): Promise<TokensIn> {
  let response: Response;
  try {
    response = await fetch("/api/v1/auth/tokens", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language.value },
      body: JSON.stringify(proof),
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    throw new Offline();
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) throw new Refusal(response.status, body, response.headers.get("Retry-After"));
  return body as unknown as TokensIn;
}

/** The number somebody has just signed in with, for the next form; gone when the page is closed. */
export const lastPhone = ref("");

/** Signed in: past what is to be agreed to and whose home it is, where that has not been said, on to where one was. */
export function comeIn(tokens: TokensIn, next: string | undefined): void {
  begin(tokens);
  keepSent(null);
  save(CONSENT_PENDING, true);
  replace(`#/consent?next=${encodeURIComponent(`#/where?next=${encodeURIComponent(inApp(next))}`)}`);
}

/** `139****0001` */
export function masked(phone: string): string {
  const digits = phone.replace(/\D/g, "").slice(-11);
  return `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

/** `3栋 2单元 **01`: enough to know one's own door by, not enough to find somebody else's. */
export function maskedHome(home: { building: string; unit: string; room: string }): string {
  return [home.building, home.unit, home.room.length > 2 ? `**${home.room.slice(-2)}` : "**"].filter((part) => part !== "-").join(" ");
}

const signed = (token: string): RequestInit => ({ headers: { Authorization: `Bearer ${token}` }, cache: "no-store", credentials: "omit" });

/** Whose sign-in a token is, masked: `居** · 1栋 1单元 **01`; empty when the roster does not say, or nobody answers. */
export async function whose(token: string | null): Promise<string> {
  if (token === null) return "";
  try {
    const answer = await fetch("/api/v1/me/memberships", signed(token));
    const { items } = (await answer.json()) as Schemas["MembershipList"];
    return items[0] === undefined ? "" : `${items[0].name} · ${maskedHome(items[0])}`;
  } catch {
    return "";
  }
}

/** End a sign-in that is not wanted; it ends by itself where nobody answers. */
export async function endOther(token: string): Promise<void> {
  await fetch("/api/v1/auth/session", { ...signed(token), method: "DELETE" }).catch(() => undefined);
}

/** Whole seconds until an instant of this phone's clock, counting down. */
export function useCountdown(): { left: Ref<number>; until: (at: number) => void } {
  const left = ref(0);
  let end = 0;
  const tick = (): void => {
    left.value = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  };
  const clock = setInterval(tick, 1000);
  onScopeDispose(() => clearInterval(clock));
  return {
    left,
    until(at) {
      end = at;
      tick();
    },
  };
}
