/** One sheet on one line: which serial is meant, what the typed line says, what is wrong with it. */

import type { Schemas } from "@gongyi/shared/api/client";

export type Void = NonNullable<Schemas["KeyedSheet"]["void"]>;

export interface Says {
  /** Printed numbers, best first; empty where the sheet is void. */
  numbers: number[];
  void: Void | null;
}

export interface Wrong {
  /** `unknown`, `repeated`, `too_many`, `nothing` */
  key: string;
  number: number;
}

/** One key a reason, all of them on the block of numbers. */
export const VOID_KEYS: Readonly<Record<string, Void>> = { "-": "blank", "/": "unreadable", "*": "unsigned", "+": "too_many_ranks", ".": "late" };
/** The same keys as a Chinese input method writes them. */
const WIDE: Readonly<Record<string, string>> = { "—": "-", "－": "-", "、": "/", "×": "*", "。": "." };
/** Up to here every digit is a number of its own, and blanks need not be typed. */
const DIGITS = 9;

/** What somebody typed for a sheet; `projects` is how long the list is. */
export function readLine(text: string, projects: number): Says {
  const plain = [...text].map((each) => WIDE[each] ?? each).join("").normalize("NFKC");
  const reasons = [...plain].filter((each) => each in VOID_KEYS);
  const last = reasons[reasons.length - 1];
  if (last !== undefined) return { numbers: [], void: VOID_KEYS[last]! };
  const numbers = (plain.match(/\d+/g) ?? []).flatMap((each) => (projects <= DIGITS ? [...each] : [each])).map(Number);
  return { numbers, void: null };
}

/** What keeps a line from being taken. */
export function wrongOf(says: Says, projects: number, most: number): Wrong | null {
  if (says.void !== null) return null;
  if (says.numbers.length === 0) return { key: "nothing", number: 0 };
  const unknown = says.numbers.find((each) => each < 1 || each > projects);
  if (unknown !== undefined) return { key: "unknown", number: unknown };
  const repeated = says.numbers.find((each, at) => says.numbers.indexOf(each) !== at);
  if (repeated !== undefined) return { key: "repeated", number: repeated };
  return says.numbers.length > most ? { key: "too_many", number: most } : null;
}

/** How it is typed again, for a correction. */
export function typed(says: Says): string {
  if (says.void === null) return says.numbers.join(" ");
  return Object.keys(VOID_KEYS).find((each) => VOID_KEYS[each] === says.void) ?? "";
}

/** `7K3M-9PQR` */
export const printed = (serial: string): string => (serial.length === 8 ? `${serial.slice(0, 4)}-${serial.slice(4)}` : serial);

/** The serials that begin with what was typed, or scanned. */
export function beginning(text: string, serials: readonly string[]): string[] {
  const plain = text.normalize("NFKC").toUpperCase().replace(/[\s\-–—]/g, "");
  return plain === "" ? [] : serials.filter((each) => each.startsWith(plain));
}
