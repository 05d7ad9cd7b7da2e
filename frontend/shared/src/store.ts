/** What this phone remembers. A full or forbidden storage must never stop anybody from voting. */

const PREFIX = "gongyi.";
const memory = new Map<string, unknown>();

/**
 * While somebody else is helped on this phone, what concerns that person is kept apart, in memory alone: it is gone when
 * the page is closed, and the owner's own session, drafts and receipts are neither read nor sent meanwhile.
 */
const SHARED_WITH_THE_HELPED = /^(mode|language|community|building|shuffle\.|kept\.)/;
let aside: Map<string, unknown> | null = null;

export const helping = (): boolean => aside !== null;
export function setAside(on: boolean): void {
  aside = on ? new Map() : null;
}

const isAside = (key: string): boolean => aside !== null && !SHARED_WITH_THE_HELPED.test(key);

/** The value kept under `key`, or `otherwise`. */
export function load<T>(key: string, otherwise: T): T {
  if (isAside(key)) return aside!.has(key) ? (aside!.get(key) as T) : otherwise;
  if (memory.has(key)) return memory.get(key) as T;
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keep `value`; null or undefined forgets it. False when it is kept in memory only, until the page is closed. */
export function save(key: string, value: unknown): boolean {
  const nothing = value === null || value === undefined;
  if (isAside(key)) {
    if (nothing) aside!.delete(key);
    else aside!.set(key, value);
    return false;
  }
  memory.delete(key);
  try {
    if (nothing) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
    return true;
  } catch {
    if (!nothing) memory.set(key, value);
    return false;
  }
}

/** Keys that begin with `prefix`. */
export function keys(prefix: string): string[] {
  if (isAside(prefix)) return [...aside!.keys()].filter((key) => key.startsWith(prefix));
  const found = new Set([...memory.keys()].filter((key) => key.startsWith(prefix)));
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at) ?? "";
      if (key.startsWith(PREFIX + prefix)) found.add(key.slice(PREFIX.length));
    }
  } catch {
    // what is in memory is all there is
  }
  return [...found];
}

/** Random bytes as hexadecimal text. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
