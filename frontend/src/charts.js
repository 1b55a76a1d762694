// Pictures: each draws the figures of the JSON block it names; the same figures stand in the table below it.
import { BarChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import { BrushComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, HeatmapChart, LineChart, SankeyChart, BrushComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const PATHS = ["#8f1d2c", "#c4572b", "#2f6f8f", "#7a5aa6", "#4a7f62", "#b0487a", "#6d6a2a", "#2d5fb0"];

function held(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

// Times are drawn as the case's zone has them: the offset is left off, and nothing is moved to the browser's.
function at(time) {
  return Date.parse(`${time.replace(/(Z|[+-]\d\d:\d\d)$/, "")}Z`);
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function frame(extra) {
  const text = { color: color("ink") };
  const axis = { axisLine: { lineStyle: { color: color("line") } }, axisLabel: { color: color("soft") }, splitLine: { lineStyle: { color: color("line") } } };
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: color("sheet"), borderColor: color("line"), textStyle: text },
    grid: { left: 8, right: 16, top: 34, bottom: 8, containLabel: true },
    legend: { top: 0, type: "scroll", textStyle: text },
    ...extra(axis),
  };
}

function timeline(figures, words, whole) {
  const known = [...new Set(whole.rows.map((row) => row[1]))].filter(Boolean).sort();
  const paths = [...new Set(figures.rows.map((row) => row[1]))].sort();
  return frame((axis) => ({
    brush: { xAxisIndex: 0, brushType: "lineX", brushMode: "single", transformable: false, throttleType: "debounce", throttleDelay: 200, outOfBrush: { colorAlpha: 0.4 } },
    xAxis: { type: "time", ...axis, splitLine: { show: false } },
    yAxis: { type: "log", logBase: 10, min: 0.5, ...axis, axisLabel: { ...axis.axisLabel, formatter: (value) => (value < 1 ? "" : value.toLocaleString()) } },
    series: paths.map((path) => ({
      name: path || words.others,
      type: "bar",
      barGap: "-100%",
      barMinWidth: 2,
      barMaxWidth: 6,
      z: path ? 3 : 2,
      itemStyle: { color: path ? PATHS[Math.max(known.indexOf(path), 0) % PATHS.length] : color("not-shown"), opacity: path ? 0.95 : 0.45 },
      data: figures.rows.filter((row) => row[1] === path).map((row) => [at(row[0]), row[2]]),
    })),
  }));
}

function growth(figures, words) {
  const line = (place, key, name) => ({
    name: words[`column_${key}`], type: "line", step: "end", showSymbol: false, lineStyle: { color: color(name), width: 2.5 }, itemStyle: { color: color(name) },
    data: figures.rows.map((row) => [at(row[0]), row[place]]),
  });
  return frame((axis) => ({
    xAxis: { type: "time", ...axis, splitLine: { show: false } },
    yAxis: { type: "value", ...axis },
    series: [line(1, "at_least", "confirmed"), line(2, "at_most", "possible")],
  }));
}

function fields(figures, words) {
  const grades = figures.columns.slice(1);
  const cells = figures.rows.flatMap((row, y) => grades.map((_, x) => [x, y, row[x + 1]]));
  const most = Math.max(1, ...cells.map((cell) => cell[2]));
  return frame((axis) => ({
    legend: { show: false },
    tooltip: { renderMode: "richText", confine: true, formatter: ({ data: [x, y, records] }) => `${figures.rows[y][0]}\n${words[`column_${grades[x]}`]}: ${records.toLocaleString()}` },
    xAxis: { type: "category", position: "top", data: grades.map((grade) => words[`column_${grade}`]), ...axis },
    yAxis: { type: "category", inverse: true, data: figures.rows.map((row) => row[0]), ...axis, axisLabel: { ...axis.axisLabel, interval: 0, fontSize: 10, width: 150, overflow: "truncate" } },
    visualMap: { show: false, min: 0, max: Math.log10(most + 1), dimension: 3, inRange: { color: [color("sheet"), color("probable"), color("confirmed")] } },
    series: [{ type: "heatmap", data: cells.map((cell) => [...cell, Math.log10(cell[2] + 1)]), encode: { x: 0, y: 1 }, itemStyle: { borderColor: color("line"), borderWidth: 1 } }],
  }));
}

function ways(figures) {
  const links = new Map();
  const add = (source, target, value) => links.set(`${source}\n${target}`, { source, target, value: value + (links.get(`${source}\n${target}`)?.value ?? 0) });
  for (const [intruder, path, table, records] of figures.rows) {
    add(intruder, path, records);
    add(path, ` ${table}`, records);
  }
  const names = new Set([...links.values()].flatMap((link) => [link.source, link.target]));
  return frame(() => ({
    legend: { show: false },
    tooltip: { renderMode: "richText", confine: true },
    series: [{
      type: "sankey", left: 8, right: 110, top: 12, bottom: 12, nodeGap: 14, draggable: false,
      label: { color: color("ink"), width: 240, overflow: "truncate", textBorderWidth: 0 },
      lineStyle: { color: color("probable"), opacity: 0.3 },
      itemStyle: { color: color("accent") },
      data: [...names].map((name) => ({ name })), links: [...links.values()],
    }],
  }));
}

const DRAW = { timeline, growth, fields, ways };

function start(place) {
  const words = held(place.dataset.words);
  const whole = held(place.dataset.figures);
  let figures = whole;
  if (place.dataset.chart === "fields") place.style.height = `${80 + 17 * figures.rows.length}px`;
  const chart = echarts.init(place);
  const draw = () => {
    chart.setOption(DRAW[place.dataset.chart](figures, words, whole), true);
    if (place.dataset.chart === "timeline") {
      chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "lineX", brushMode: "single" } });
    }
  };
  chart.on("brushEnd", async (brushed) => {
    const range = brushed.areas[0]?.coordRange;
    if (!range || range[1] <= range[0]) return;
    const [from, to] = range.map((time) => new Date(time).toISOString().slice(0, -1));
    const answer = await fetch(`${place.dataset.anew}?${new URLSearchParams({ from, to })}`);
    if (!answer.ok) return;
    figures = await answer.json();
    document.getElementById("from").value = from.slice(0, 19);
    document.getElementById("to").value = to.slice(0, 19);
    draw();
  });
  draw();
  document.addEventListener("theme", draw);
  new ResizeObserver(() => chart.resize()).observe(place);
}

document.querySelectorAll("[data-chart]").forEach(start);
