/** Who is signed in on this phone. One renewal for all who wait: a refresh token works once. */

import { Offline, Refusal } from "./problems";
import { adopt, helping, load, loadBeside, ownedBy, randomHex, save, saveBeside, setAside } from "./store";

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
ownedBy(kept?.who ?? null);

export const signedIn = (): boolean => kept !== null;
export const who = (): string | null => kept?.who ?? null;

/** Call `listener` whenever somebody signs in or out. */
export function onSession(listener: () => void): void {
  listeners.add(listener);
}

function take(next: Kept | null): void {
  const another = (next?.who ?? null) !== (kept?.who ?? null);
  kept = next;
  ownedBy(next?.who ?? null);
  if (!another) return;
  listeners.forEach((listener) => listener());
}

/** The account a token is for; empty when it cannot be read. */
export function accountOf(token: string): string {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    return String((JSON.parse(atob(part)) as { sub?: string }).sub ?? "");
  } catch {
    return "";
  }
}

const keeping = (tokens: TokensIn): Kept => ({
  access: tokens.access_token,
  refresh: tokens.refresh_token,
  until: Date.now() + (tokens.expires_in - EARLY_SECONDS) * 1000,
  who: accountOf(tokens.access_token),
});

/** Take what the service answered to a sign-in; when helping, beside the session that is here already. */
export function begin(tokens: TokensIn, helps = false): void {
  if (helps) setAside(true);
  const next = keeping(tokens);
  save("session", next);
  take(next);
  if (!helps) adopt();
}

/** Nobody is signed in any more; whoever helped somebody is themselves again. */
export function forget(): void {
  if (helping()) {
    setAside(false);
    take(load<Kept | null>("session", null));
    return;
  }
  save("session", null);
  take(null);
}

/** Whether helping has ended by itself just now. */
export function helpEnded(): boolean {
  if (!helping() || (kept !== null && Date.now() < kept.until)) return false;
  forget();
  return true;
}

/** What another page of this phone has done meanwhile: renewed the session, signed somebody else in, or out. */
function lookAround(): void {
  if (helping()) return;
  const stored = load<Kept | null>("session", null);
  if ((stored?.access ?? null) !== (kept?.access ?? null)) take(stored);
}

if (typeof addEventListener === "function") {
  addEventListener("storage", (event) => {
    if (event.key === null || event.key.endsWith(".session")) lookAround();
  });
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

/** One at a time among all pages of this phone, where the phone can say so: a refresh token works once. */
async function alone(act: () => Promise<void>): Promise<void> {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  await (locks === undefined ? act() : locks.request("gongyi.session", act));
}

async function renew(): Promise<void> {
  lookAround();
  const before = kept;
  if (before === null || before.refresh === null || Date.now() < before.until) return;
  let answer: Response;
  try {
    answer = await fetch("/api/v1/auth/tokens", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: before.refresh }),
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    throw new Offline();
  }
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok && answer.status !== 401) throw new Refusal(answer.status, body, answer.headers.get("Retry-After"));
  const next = answer.ok ? keeping(body as unknown as TokensIn) : null;
  if (helping()) {
    // somebody is helped since: what was renewed is the session of this phone's owner, who comes back to it
    if (loadBeside<Kept | null>("session", null)?.refresh === before.refresh) saveBeside("session", next);
  } else if (kept?.refresh === before.refresh) {
    save("session", next);
    take(next);
  }
}

/** The token for the next call, renewed when it is old; null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  lookAround();
  if (kept !== null && Date.now() >= kept.until) {
    if (kept.refresh === null) {
      forget();
    } else {
      renewal ??= alone(renew).finally(() => {
        renewal = null;
      });
      await renewal;
    }
  }
  return kept?.access ?? null;
}
