// Lines and heatmaps, drawn by ECharts; below lines a list of names and newest values that any reader can read.
import { HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { make } from "./dom.js";
import { said } from "./units.js";

echarts.use([LineChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, MarkLineComponent, AriaComponent, CanvasRenderer]);

const charts = new WeakMap();
const resized = new ResizeObserver((entries) => {
  for (const each of entries) echarts.getInstanceByDom(each.target)?.resize();
});

/** Draw, or draw anew, what was found. */
export function charted(panel, found, body) {
  let chart = charts.get(body);
  if (!chart) {
    const canvas = make("div", { class: "canvas", role: "img" });
    body.replaceChildren(canvas, make("ul", { class: "legend" }));
    chart = echarts.init(canvas);
    charts.set(body, chart);
    resized.observe(canvas);
  }
  const colours = palette();
  const options = panel.kind === "heatmap" ? heatmap(panel, found, colours) : lines(panel, found, colours);
  chart.setOption({ animation: false, textStyle: { fontFamily: "inherit", color: colours.text }, ...options }, { notMerge: true });
  const words = panel.kind === "heatmap" ? [] : listed(panel, found.answers, colours, body.lastElementChild);
  chart.getDom().setAttribute("aria-label", `${panel.title}. ${words.join("; ")}`);
}

export function closed(body) {
  const chart = charts.get(body);
  if (!chart) return;
  resized.unobserve(chart.getDom());
  chart.dispose();
  charts.delete(body);
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const one = (name) => style.getPropertyValue(`--${name}`).trim();
  const series = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => one(`series-${n}`));
  const levels = { plain: one("faint"), good: one("good"), warn: one("warn"), bad: one("bad") };
  return { text: one("text"), faint: one("faint"), line: one("line"), panel: one("panel"), low: one("heat-low"), high: one("heat-high"), series, levels };
}

/** The names and newest values; lines that lie on the ground all the time are named together. */
function listed(panel, answers, colours, list) {
  const entries = answers.map((each, i) => ({
    name: each.name || panel.title,
    value: said(each.points.at(-1)[1], panel.unit, panel.words),
    colour: colours.series[i % colours.series.length],
    flat: !each.points.some(([, value]) => value > 0),
  }));
  const flat = entries.filter((each) => each.flat);
  const together = flat.length > 2 ? flat : [];
  const shown = entries.filter((each) => !together.includes(each)).map(({ name, value, colour }) => {
    const dot = make("i", { "aria-hidden": "true" });
    dot.style.background = colour;
    return make("li", {}, dot, make("span", {}, name), make("b", {}, value));
  });
  const names = together.map(({ name }) => name);
  const rest = `${names.length > 4 ? `${names.length} others` : names.join(", ")}: nothing`;
  list.replaceChildren(...shown, ...(together.length ? [make("li", { class: "rest" }, rest)] : []));
  list.tabIndex = 0; // so that the keyboard can scroll it
  list.setAttribute("aria-label", `Lines of ${panel.title}`);
  return entries.map(({ name, value }) => `${name}: ${value}`);
}

/** Every step of the time shown, with null where there was no value: a gap is a gap. */
function filled({ points }, { start, end, step }) {
  const known = new Map(points);
  const all = [];
  for (let at = start; at <= end; at += step) {
    const value = known.get(at);
    all.push([at * 1000, value === undefined || !Number.isFinite(value) ? null : value]);
  }
  return all;
}

function lines(panel, found, colours) {
  const limits = panel.thresholds.map((each) => ({ yAxis: each.at, lineStyle: { color: colours.levels[each.level], type: "dashed" }, label: { show: false } }));
  const series = found.answers.map((each, i) => ({
    type: "line",
    name: each.name || panel.title,
    data: filled(each, found),
    showSymbol: each.points.length < 3,
    lineStyle: { width: 2 },
    stack: panel.stacked ? "all" : undefined,
    areaStyle: panel.stacked ? { opacity: 0.35 } : undefined,
    color: colours.series[i % colours.series.length],
    markLine: i === 0 && limits.length ? { silent: true, symbol: "none", data: reached(limits, found) } : undefined,
  }));
  return {
    grid: { left: 8, right: 12, top: 10, bottom: 4, containLabel: true },
    xAxis: { type: "time", min: found.start * 1000, max: found.end * 1000, ...axis(colours), splitNumber: 4, axisLabel: { color: colours.faint, hideOverlap: true, formatter: clock } },
    yAxis: { type: "value", min: 0, minInterval: panel.unit === "number" ? 1 : 0, splitNumber: 4, ...axis(colours), axisLabel: { color: colours.faint, formatter: (value) => said(value, panel.unit) } },
    tooltip: { trigger: "axis", confine: true, ...tip(colours), formatter: (rows) => told(rows, panel) },
    series,
  };
}

/** Only thresholds that the values come near; one far above would press all lines to the ground. */
function reached(limits, found) {
  const highest = Math.max(0, ...found.answers.flatMap((each) => each.points.map(([, value]) => (Number.isFinite(value) ? value : 0))));
  return limits.filter((each) => each.yAxis <= highest * 1.5);
}

function told(rows, panel) {
  const shown = rows.filter((each) => each.value[1] !== null).sort((one, other) => other.value[1] - one.value[1]);
  const lines = shown.map((each) => `${each.marker}${escaped(each.seriesName)} <b>${said(each.value[1], panel.unit, panel.words)}</b>`);
  return [clock(rows[0].value[0]), ...lines].join("<br>");
}

/** Prometheus counts each bucket with all smaller ones; what is drawn is what lies between two bounds. */
function heatmap(panel, found, colours) {
  const buckets = [...found.answers].sort((one, other) => bound(one) - bound(other));
  const times = filled({ points: [] }, found).map(([at]) => at);
  const names = buckets.map((each, i) => (bound(each) === Infinity ? `> ${said(bound(buckets[i - 1]), panel.unit)}` : `≤ ${said(bound(each), panel.unit)}`));
  const apart = Math.max(Math.ceil((found.end - found.start) / 5 / 60), 1) * 60_000; // of times that are written
  const cells = [];
  let most = 0;
  let below = new Map();
  buckets.forEach((bucket, row) => {
    const counts = new Map(bucket.points);
    times.forEach((at, column) => {
      const n = (counts.get(at / 1000) ?? 0) - (below.get(at / 1000) ?? 0);
      if (n > 0.01) cells.push([column, row, Math.round(n * 10) / 10]);
      most = Math.max(most, n);
    });
    below = counts;
  });
  return {
    grid: { left: 8, right: 12, top: 10, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: times.map(clock), ...axis(colours), axisLabel: { color: colours.faint, hideOverlap: true, interval: (i) => times[i] % apart < found.step * 1000 } },
    yAxis: { type: "category", data: names, ...axis(colours), axisLabel: { color: colours.faint } },
    tooltip: { confine: true, ...tip(colours), formatter: ({ value }) => `${clock(times[value[0]])}, ${names[value[1]]}: <b>${value[2]}</b>` },
    visualMap: { show: false, min: 0, max: Math.max(most, 1), inRange: { color: [colours.low, colours.high] } },
    series: [{ type: "heatmap", data: cells, progressive: 0 }],
  };
}

const bound = (each) => (each.labels.le === "+Inf" ? Infinity : Number(each.labels.le));
const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const tip = (colours) => ({ backgroundColor: colours.panel, borderColor: colours.line, textStyle: { color: colours.text, fontSize: 12 } });
const axis = (colours) => ({ axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false }, splitLine: { lineStyle: { color: colours.line } } });

function clock(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit" });
}
