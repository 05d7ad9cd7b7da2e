/** A phone as far as the shared part needs one: a storage that can be full, an address, no network unless a test gives one. */

import { beforeEach, vi } from "vitest";

class Storage {
  private kept = new Map<string, string>();
  full = false;

  get length(): number {
    return this.kept.size;
  }
  key(at: number): string | null {
    return [...this.kept.keys()][at] ?? null;
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.full) throw new Error("QuotaExceededError");
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
  clear(): void {
    this.kept.clear();
    this.full = false;
  }
}

export const storage = new Storage();
vi.stubGlobal("localStorage", storage);
vi.stubGlobal("location", { origin: "http://127.0.0.1" });

beforeEach(() => {
  storage.clear();
  vi.resetModules();
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no line")));
});
