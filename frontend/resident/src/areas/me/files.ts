/** Somebody's data as something to take along. */

import type { Schemas } from "@gongyi/shared/api/client";

export type MyData = Schemas["MyDataOut"];

function line(name: string, value: string | string[]): string {
  return Array.isArray(value) ? [name, ...value.map((each) => `  ${each}`)].join("\n") : `${name}: ${value}`;
}

/** All of it as plain text, for where nothing can be saved as a file. */
export function asText(data: MyData, title: string): string {
  const parts = data.sections
    .filter((section) => section.rows.length > 0)
    .map((section) => {
      const rows = section.rows.map((row) => Object.entries(row).map(([name, value]) => line(name, value)).join("\n"));
      return [`【${section.heading}】`, ...rows].join("\n\n");
    });
  return [title, data.made_at, ...parts].join("\n\n");
}

/** All of it as it is kept, for programs. */
export function asJson(data: MyData): string {
  const sections = Object.fromEntries(data.sections.map((each) => [each.key, each.data]));
  return JSON.stringify({ made_at: data.made_at, sections }, null, 2);
}

/** WeChat's own browser opens no downloads; there the text is copied instead. */
export const inWeChat = (): boolean => /MicroMessenger/.test(navigator.userAgent);

/** Hand a file to whoever holds the phone. */
export function hand(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
