/** Who is signed in on this phone. One renewal for all who wait: a refresh token works once. */

import { Offline, Refusal } from "./problems";
import { helping, load, randomHex, save, setAside } from "./store";

interface Kept {
  access: string;
  refresh: string | null;
  /** Milliseconds of this phone's clock. */
  until: number;
  /** The account's id. */
  who: string;
}

export interface TokensIn {
  access_token: string;
  expires_in: number;
  refresh_token: string | null;
}

const EARLY_SECONDS = 30;
const listeners = new Set<() => void>();
let kept: Kept | null = load<Kept | null>("session", null);
let renewal: Promise<void> | null = null;

export const signedIn = (): boolean => kept !== null;
export const who = (): string | null => kept?.who ?? null;

/** Call `listener` whenever somebody signs in or out. */
export function onSession(listener: () => void): void {
  listeners.add(listener);
}

function change(next: Kept | null): void {
  kept = next;
  save("session", next);
  listeners.forEach((listener) => listener());
}

function subject(token: string): string {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    return String((JSON.parse(atob(part)) as { sub?: string }).sub ?? "");
  } catch {
    return "";
  }
}

/** Take what the service answered to a sign-in; when helping, beside the session that is here already. */
export function begin(tokens: TokensIn, helps = false): void {
  if (helps) setAside(true);
  change({
    access: tokens.access_token,
    refresh: tokens.refresh_token,
    until: Date.now() + (tokens.expires_in - EARLY_SECONDS) * 1000,
    who: subject(tokens.access_token),
  });
}

/** Nobody is signed in any more; whoever helped somebody is themselves again. */
export function forget(): void {
  if (!helping()) {
    change(null);
    return;
  }
  setAside(false);
  kept = load<Kept | null>("session", null);
  listeners.forEach((listener) => listener());
}

/** Whether helping has ended by itself just now. */
export function helpEnded(): boolean {
  if (!helping() || (kept !== null && Date.now() < kept.until)) return false;
  forget();
  return true;
}

/** Something that stays the same on this phone and says nothing about it. */
export function device(): string {
  let nonce = load<string | null>("device", null);
  if (nonce === null) {
    nonce = randomHex(16);
    save("device", nonce);
  }
  return nonce;
}

async function renew(refresh: string): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch("/api/v1/auth/tokens", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: refresh }),
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    throw new Offline();
  }
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (answer.ok) begin(body as unknown as TokensIn);
  else if (answer.status === 401) fromAnotherTab(refresh);
  else throw new Refusal(answer.status, body);
}

/** Another tab may have used the token first: then its session is ours too. */
function fromAnotherTab(refresh: string): void {
  const now = helping() ? null : load<Kept | null>("session", null);
  if (now !== null && now.refresh !== refresh) change(now);
  else forget();
}

/** The token for the next call, renewed when it is old; null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (kept === null) return null;
  if (Date.now() < kept.until) return kept.access;
  if (kept.refresh === null) {
    forget();
    return null;
  }
  renewal ??= renew(kept.refresh).finally(() => {
    renewal = null;
  });
  await renewal;
  return (kept as Kept | null)?.access ?? null;
}
