/** What the screens of residents share: kinds in their order, words for a home, ids that a page makes. */

import type { Schemas } from "@gongyi/shared/api/client";

import "./residents.css";

export type Resident = Schemas["ResidentOut"];
export type Change = Schemas["Change"];
export type Purpose = Schemas["Purpose"];

export const CHANGES: readonly Change[] = ["wrong", "changed", "new", "moved_out", "unchanged"];
export const PURPOSES: readonly Purpose[] = ["correction", "contact", "paper", "legal", "other"];

/** 3栋 2单元 0101; a building without stairwells has none. */
export function homeOf(home: { building: string; unit: string; room: string }): string {
  return [home.building, home.unit === "-" ? "" : home.unit, home.room].filter(Boolean).join(" ");
}

/** The same of a line that came as one text. */
export const homeText = (text: string | null): string => (text ?? "").replace(" - ", " ");

export const toneOfChange = (change: string): "ok" | "bad" | "now" | "wait" | "plain" =>
  (({ new: "ok", wrong: "bad", changed: "now", moved_out: "wait" }) as const)[change as "new"] ?? "plain";

/** An id made by the page; also where it came over plain http, which hides `randomUUID`. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
