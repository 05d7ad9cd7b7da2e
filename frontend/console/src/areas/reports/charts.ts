/** Bars drawn by ECharts, with no more of it than they need. This file is a chunk of its own. */

import { BarChart, type BarSeriesOption } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import type { Bars } from "./bars";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

/** Told apart without colour vision (M. Okabe, K. Ito, 2008), and each has a pattern besides. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];
const INK = "#17201a", INK_2 = "#55605a", LINE = "#e2e7e3";
const LONGEST_NAME = 150, WIDEST_BAR = 18, HAN = 13, LATIN = 7.5;

export interface Drawing {
  show: (bars: Bars) => void;
  end: () => void;
}

/** How much room names take: as much as the longest line needs, and no more than is left for bars. */
function roomFor(names: readonly string[]): number {
  const lines = names.flatMap((name) => name.split("\n"));
  const widths = lines.map((line) => [...line].reduce((sum, letter) => sum + (letter > "\u2e80" ? HAN : LATIN), 0));
  return Math.min(LONGEST_NAME, Math.ceil(Math.max(0, ...widths)) + 4);
}

/** Draw into an element, which keeps its size; what the chart says to those who listen stands beside it. */
export function drawing(element: HTMLElement): Drawing {
  const chart = init(element, null, { renderer: "canvas" });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  const font = getComputedStyle(element).fontFamily;
  return {
    show: (bars) => {
      const written = (value: unknown): string => (typeof value === "number" ? bars.label(value) : "");
      const series = bars.series.map((each): BarSeriesOption => ({
        type: "bar",
        name: each.name,
        data: each.values.map((value) => value ?? "-"),
        stack: bars.stacked === true ? "all" : undefined,
        barMaxWidth: WIDEST_BAR,
        label: { show: bars.stacked !== true, position: "right", color: INK, formatter: ({ value }) => written(value) },
        itemStyle: { borderColor: "#fff", borderWidth: bars.stacked === true ? 1 : 0 },
      }));
      chart.setOption(
        {
          animation: false,
          color: COLOURS,
          textStyle: { fontFamily: font, fontSize: 13, color: INK },
          aria: { enabled: true, label: { enabled: false }, decal: { show: bars.series.length > 1 } },
          // drawn, not written as HTML: the page allows no style that it did not bring along
          tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText", confine: true, valueFormatter: written },
          legend: { show: bars.series.length > 1, top: 0, left: 0, itemWidth: 22, itemHeight: 14, textStyle: { color: INK } },
          grid: { top: bars.series.length > 1 ? 34 : 10, left: 8, right: 84, bottom: 8, containLabel: true },
          yAxis: {
            type: "category", data: bars.names, inverse: true, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } },
            axisLabel: { color: INK, width: roomFor(bars.names), overflow: "break", lineHeight: 16 },
          },
          xAxis: { type: "value", max: bars.most, splitNumber: 4, axisLabel: { color: INK_2, formatter: written, hideOverlap: true }, splitLine: { lineStyle: { color: LINE } } },
          series,
        },
        true,
      );
    },
    end: () => {
      observer.disconnect();
      chart.dispose();
    },
  };
}
