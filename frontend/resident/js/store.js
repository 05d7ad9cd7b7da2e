// What this phone remembers. A full or forbidden storage must never stop anybody from voting.

const memory = new Map();

// While somebody else is helped on this phone, what concerns that person is kept apart, in memory alone: it is gone when
// the page is closed, and the owner's own session, drafts and receipts are neither read nor sent meanwhile.
const PERSONAL = /^(session|phone-hint|rounds-with-outbox|(draft|outbox|receipt)\..*)$/;
let aside = null;

export const helping = () => aside !== null;
export function setAside(on) { aside = on ? new Map() : null; }

export function load(key, otherwise) {
  if (aside && PERSONAL.test(key)) return aside.has(key) ? aside.get(key) : otherwise;
  try {
    const text = localStorage.getItem("gongyi." + key);
    return text === null ? (memory.has(key) ? memory.get(key) : otherwise) : JSON.parse(text);
  } catch (error) {
    return memory.has(key) ? memory.get(key) : otherwise;
  }
}

export function save(key, value) {
  if (aside && PERSONAL.test(key)) { aside.set(key, value); return; }
  memory.set(key, value);
  try {
    if (value === null || value === undefined) localStorage.removeItem("gongyi." + key);
    else localStorage.setItem("gongyi." + key, JSON.stringify(value));
  } catch (error) {
    // kept in memory until the page is closed
  }
  if (value === null || value === undefined) memory.delete(key);
}

/** Random bytes as hexadecimal text. */
export function randomHex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
