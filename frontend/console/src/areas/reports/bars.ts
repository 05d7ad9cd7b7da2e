/** What a chart of bars shows, without saying how it is drawn: the drawing is loaded when there is something to draw. */

import type { Schemas } from "@gongyi/shared/api/client";

export type Report = Schemas["YearReport"];
export type TurnoutSum = Schemas["TurnoutSum"];

export interface Bars {
  /** One group of bars each. */
  names: string[];
  /** One colour and pattern each; null where nothing may be said. */
  series: { name: string; values: (number | null)[] }[];
  /** Bars of a group stand on each other instead of beside each other. */
  stacked?: boolean;
  /** How a value is written, at the bar and at the axis. */
  label: (value: number) => string;
  /** Where the axis ends, if not at the largest value. */
  most?: number;
}

const LINE = 22, GAP = 18, FRAME = 74;

/** How tall the chart has to be, in pixels. */
export function height(bars: Bars): number {
  const lines = bars.stacked === true ? 1 : bars.series.length;
  return FRAME + bars.names.length * (lines * LINE + GAP);
}

/** Thousandths as percent. */
export const part = (thousandths: number | null): string => (thousandths === null ? "—" : `${(thousandths / 10).toFixed(1)}%`);

/** A community as people call it. */
export const shortName = (name: string): string => name.replace(/(社区)?居民委员会$/, "$1") || name;
