/** What this phone remembers. A full or forbidden storage must never stop anybody from voting. */

/** The residents' app and the console are two sign-ins of one browser: each has names of its own. */
declare const __STORE__: string;
const PREFIX = typeof __STORE__ === "undefined" ? "gongyi." : __STORE__;
const memory = new Map<string, unknown>();

/**
 * What belongs to the phone and to nobody in particular. Everything else belongs to the account that is signed in (or to
 * whoever has not signed in yet) and is found again by the same account alone: phones are lent and shared.
 */
const THE_PHONES = /^(session$|device$|mode$|language$|community$|building$|reloaded$|shuffle\.|kept\.|board\.|door\.)/;
const NOBODY = "-";
/** Answers of the service, shown again without a line. */
const KEPT_ANSWERS = "kept.";
let owner = NOBODY;

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
const nameOf = (key: string): string => (THE_PHONES.test(key) ? key : `of.${owner}.${key}`);

/** Say whose things are read and written from now on; null for nobody's. */
export function ownedBy(who: string | null): void {
  owner = who === null || who === "" ? NOBODY : who;
}

/** What was written before signing in becomes the account's: a draft made first is a draft of whoever signs in for it. */
export function adopt(): void {
  const prefix = `of.${NOBODY}.`;
  if (owner === NOBODY) return;
  for (const name of stored(prefix)) {
    const value = read<unknown>(name, null);
    write(name, null);
    write(`of.${owner}.${name.slice(prefix.length)}`, value);
  }
}

/** Forget everything this phone keeps of an account. */
export function forgetAllOf(who: string): void {
  for (const name of [...stored(`of.${who}.`), ...stored("door.")]) write(name, null);
}

function read<T>(name: string, otherwise: T): T {
  if (memory.has(name)) return memory.get(name) as T;
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

function write(name: string, value: unknown): boolean {
  const nothing = value === null || value === undefined;
  memory.delete(name);
  if (put(name, value)) return true;
  if (nothing) return false;
  // what was read before can be fetched again; what somebody wrote cannot
  stored(KEPT_ANSWERS).forEach((each) => put(each, null));
  if (put(name, value)) return true;
  memory.set(name, value);
  return false;
}

function put(name: string, value: unknown): boolean {
  try {
    if (value === null || value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function stored(prefix: string): string[] {
  const found = new Set([...memory.keys()].filter((name) => name.startsWith(prefix)));
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const name = localStorage.key(at) ?? "";
      if (name.startsWith(PREFIX + prefix)) found.add(name.slice(PREFIX.length));
    }
  } catch {
    // what is in memory is all there is
  }
  return [...found];
}

/** The value kept under `key`, or `otherwise`. */
export function load<T>(key: string, otherwise: T): T {
  if (isAside(key)) return aside!.has(key) ? (aside!.get(key) as T) : otherwise;
  return read(nameOf(key), otherwise);
}

/** Keep `value`; null or undefined forgets it. False when it is kept in memory only, until the page is closed. */
export function save(key: string, value: unknown): boolean {
  if (!isAside(key)) return write(nameOf(key), value);
  if (value === null || value === undefined) aside!.delete(key);
  else aside!.set(key, value);
  return false;
}

/** The same beside whatever is set aside: for the phone's own session while somebody is helped. */
export const loadBeside = <T>(key: string, otherwise: T): T => read(nameOf(key), otherwise);
export const saveBeside = (key: string, value: unknown): boolean => write(nameOf(key), value);

/** Keys that begin with `prefix`. */
export function keys(prefix: string): string[] {
  if (isAside(prefix)) return [...aside!.keys()].filter((key) => key.startsWith(prefix));
  const from = nameOf(prefix).length - prefix.length;
  return stored(nameOf(prefix)).map((name) => name.slice(from));
}

/** Whether the phone itself keeps what stands under `key`, so that it is there when the page is opened again. */
export const isKept = (key: string): boolean => !isAside(key) && stored(nameOf(key)).includes(nameOf(key)) && !memory.has(nameOf(key));

/** Random bytes as hexadecimal text. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
