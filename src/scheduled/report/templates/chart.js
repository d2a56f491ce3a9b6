// Charts whose values can be read off, drawn by BokehJS from a figure's table.
const COLORS = {
  light: ["#0b57a4", "#b8480c", "#17663a", "#8a3a8c", "#6b5a00", "#00707a", "#a3265a", "#444a52"],
  dark: ["#8abcf5", "#f2a06b", "#7fd6a2", "#dba3e0", "#d9c45c", "#6fd0d6", "#f094b8", "#b9bec6"],
};
// More lines than these are as a rule of one quantity: their colours run from its least to its largest.
const RAMP = {
  light: ["#0d0887", "#7e03a8", "#cc4778", "#b5560b"],
  dark: ["#9a8cff", "#d68cf0", "#ff9db4", "#ffd08a"],
};
const WIDE_RANGE = 10; // An axis of positive values that differ by more begins as a logarithmic one.
let libraryReady = null;

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

// The library is long: it is run when the first chart is asked for.
function library() {
  libraryReady ??= unpack(document.getElementById("library").textContent).then((source) => {
    const script = document.createElement("script");
    script.textContent = source;
    document.head.append(script);
  });
  return libraryReady;
}

// Rows of a CSV file; fields may be quoted, and hold commas, quotes and ends of lines then.
function readCsv(text) {
  const rows = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end === "\n") rows.push([]);
  }
  if (rows.at(-1).join("") === "") rows.pop();
  return { columns: rows[0] ?? [], rows: rows.slice(1) };
}

// The lines that the page says there are, with their values from the table.
function chartLines(chart, table) {
  const x = table.columns.indexOf(chart.x);
  const y = table.columns.indexOf(chart.y);
  const lines = chart.lines.map((line) => ({ ...line, x: [], y: [] }));
  let at = 0;
  for (const [number, count] of chart.rows) {
    for (const row of table.rows.slice(at, at + count)) {
      lines[number]?.x.push(Number(row[x]));
      lines[number]?.y.push(Number(row[y]));
    }
    at += count;
  }
  return lines;
}

const shortNumber = (value) => {
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)) {
    return value.toExponential(3).replaceAll("-", "−");
  }
  return Number(value.toPrecision(4)).toLocaleString("en").replaceAll("-", "−");
};
const range = (values) => values.reduce(
  ([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
const isWide = (values) => {
  const [low, high] = range(values);
  return low > 0 && high / low > WIDE_RANGE;
};

// The values of lines, without the first tenth of the steps, whose height would flatten the rest.
function afterStart(chart, lines) {
  const last = range(lines.flatMap((line) => line.x))[1];
  const first = chart.x === "step" ? 0.1 * last : -Infinity;
  const kept = { x: [], y: [] };
  for (const line of lines) {
    line.x.forEach((x, i) => {
      if (x >= first) {
        kept.x.push(x);
        kept.y.push(line.y[i]);
      }
    });
  }
  return kept;
}

function colorOf(number, of, scheme) {
  if (of <= COLORS[scheme].length) return COLORS[scheme][number];
  const stops = RAMP[scheme];
  const at = (number / (of - 1)) * (stops.length - 1);
  const below = Math.min(Math.floor(at), stops.length - 2);
  const parts = [stops[below], stops[below + 1]].map((stop) =>
    [1, 3, 5].map((i) => parseInt(stop.slice(i, i + 2), 16)));
  const mixed = parts[0].map((part, i) => Math.round(part + (at - below) * (parts[1][i] - part)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function styled(plot) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  plot.background_fill_alpha = 0;
  plot.border_fill_alpha = 0;
  plot.outline_line_color = null;
  for (const axis of [...plot.xaxis, ...plot.yaxis]) {
    Object.assign(axis, {
      axis_line_color: color("--line"), major_tick_line_color: color("--line"),
      minor_tick_line_color: null, major_label_text_color: color("--quiet"),
      axis_label_text_color: color("--text"), axis_label_text_font_style: "normal",
      axis_label_text_font: "system-ui, sans-serif", major_label_text_font: "system-ui, sans-serif",
    });
  }
  for (const grid of [...plot.xgrid, ...plot.ygrid]) grid.grid_line_color = color("--raised");
}

// One panel. Returns the element that holds it and a function that shows the whole range.
async function drawPanel(holder, panel, lines, chart, logs) {
  const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const families = Math.max(...chart.lines.map((line) => line.color)) + 1;
  const color = (line) => colorOf(line.color, families, scheme);
  const plot = Bokeh.Plotting.figure({
    height: 340, sizing_mode: "stretch_width", toolbar_location: null,
    tools: "pan,wheel_zoom,box_zoom,reset", active_drag: "box_zoom", active_scroll: "wheel_zoom",
    x_axis_type: logs.x ? "log" : "linear", y_axis_type: logs.y ? "log" : "linear",
    x_axis_label: chart.x_label, y_axis_label: panel.label,
  });
  for (const line of lines) {
    const source = new Bokeh.ColumnDataSource({
      data: { x: line.x, y: line.y, name: line.x.map(() => line.name) },
    });
    const look = { color: color(line), source };
    if (line.points) plot.scatter({ field: "x" }, { field: "y" }, { size: 7, ...look });
    else plot.line({ field: "x" }, { field: "y" }, { line_width: 1.8, ...look });
  }
  plot.add_tools(new Bokeh.HoverTool({
    tooltips: [["", "@name"], [chart.x_label, "@x{0,0.[0000]}"], [panel.label, "@y{0.[00000]}"]],
    mode: "mouse", line_policy: "nearest", point_policy: "snap_to_data",
  }));
  const marker = new Bokeh.Span({
    dimension: "height", location: 0, visible: false, line_dash: "dashed",
    line_color: COLORS[scheme].at(-1),
  });
  plot.add_layout(marker);
  styled(plot);

  const group = document.createElement("div");
  group.className = "panel";
  group.tabIndex = 0;
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `${panel.label} against ${chart.x_label}`);
  group.setAttribute("aria-describedby", "chart-help");
  const canvas = document.createElement("div");
  const reading = document.createElement("output");
  const legend = document.createElement("ul");
  legend.className = "legend";
  // One entry a colour: a curve's optimum is of its own.
  for (const line of new Map(lines.toReversed().map((one) => [one.color, one])).values()) {
    const entry = document.createElement("li");
    entry.style.setProperty("--color", color(line));
    entry.textContent = line.name;
    legend.prepend(entry);
  }
  group.append(canvas, reading, legend);
  holder.append(group);
  await Bokeh.Plotting.show(plot, canvas);

  const first = { x: [plot.x_range.start, plot.x_range.end], y: [plot.y_range.start, plot.y_range.end] };
  const [low, high] = range(afterStart(chart, lines).y);
  const room = logs.y ? [low / 1.1, high * 1.1] : [low - 0.06 * (high - low), high + 0.06 * (high - low)];
  const most = range(lines.flatMap((line) => line.y))[1];
  if (low < high && high < most) Object.assign(plot.y_range, { start: room[0], end: room[1] });
  const steps = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  let at = -1;
  const whole = () => {
    Object.assign(plot.x_range, { start: first.x[0], end: first.x[1] });
    Object.assign(plot.y_range, { start: first.y[0], end: first.y[1] });
  };
  const zoom = (factor) => {
    const [start, end] = [plot.x_range.start, plot.x_range.end];
    const center = steps[at] ?? (start + end) / 2;
    Object.assign(plot.x_range, {
      start: center - (center - start) * factor, end: center + (end - center) * factor,
    });
  };
  const read = (move) => {
    at = Math.max(0, Math.min(steps.length - 1, at + move));
    marker.location = steps[at];
    marker.visible = true;
    const values = lines.flatMap((line) => {
      const there = line.x.indexOf(steps[at]);
      return there < 0 ? [] : [`${line.name}: ${shortNumber(line.y[there])}`];
    });
    reading.textContent = `${chart.x_label} ${shortNumber(steps[at])} — ${values.join("; ")}`;
  };
  group.addEventListener("keydown", (event) => {
    const far = event.shiftKey ? Math.ceil(steps.length / 20) : 1;
    const actions = {
      ArrowRight: () => read(far), ArrowLeft: () => read(-far),
      "+": () => zoom(0.5), "-": () => zoom(2), 0: whole,
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
  return { whole, plot };
}
