// What this phone remembers. A full or forbidden storage must never stop anybody from voting.

const memory = new Map();

export function load(key, otherwise) {
  try {
    const text = localStorage.getItem("gongyi." + key);
    return text === null ? (memory.has(key) ? memory.get(key) : otherwise) : JSON.parse(text);
  } catch (error) {
    return memory.has(key) ? memory.get(key) : otherwise;
  }
}

export function save(key, value) {
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
