// A figure at full size, with the values of its lines, its table and its configuration.
const viewer = document.getElementById("viewer");
const part = (id) => document.getElementById(id);
const SHOWN_ROWS = 200;
let open = null; // id, table and configuration of the figure that is shown
let panels = [];

const dataOf = Object.fromEntries(
  [...document.querySelectorAll("script[data-figure]")].map((script) => [script.dataset.figure, script]));
const articleOf = (id) => document.getElementById(`figure-${id}`);

async function show(id) {
  const article = articleOf(id);
  const data = JSON.parse(dataOf[id].textContent);
  const titles = [article.closest(".question").querySelector("h3"), article.querySelector("h4")];
  part("viewer-title").textContent =
    [...new Set(titles.map((title) => title.textContent))].join(": ");
  const image = article.querySelector("img").cloneNode();
  image.loading = "eager";
  part("viewer-picture").replaceChildren(image);
  part("viewer-caption").textContent = article.querySelector(".caption").textContent;
  part("viewer-more").replaceChildren(article.querySelector(".more ul").cloneNode(true));
  part("config").textContent = data.config;
  part("chart").hidden = !data.chart;
  part("panels").replaceChildren();
  part("table").replaceChildren();
  if (!viewer.open) viewer.showModal();
  viewer.scrollTop = 0;
  open = { id, chart: data.chart, config: data.config };
  const csv = await unpack(data.table);
  if (open.id !== id) return;
  open.csv = csv;
  open.table = readCsv(csv);
  showTable(open.table);
  if (data.chart) {
    open.lines = chartLines(data.chart, open.table);
    for (const axis of ["x", "y"]) {
      part(`log-${axis}`).checked = data.chart.panels.some(({ name }) =>
        isWide(afterStart(data.chart, open.lines.filter((line) => line.panel === name))[axis]));
    }
    await showChart();
  }
  viewer.dataset.shown = id;
}

async function showChart() {
  const { id, chart, lines } = open;
  const logs = { x: part("log-x").checked, y: part("log-y").checked };
  await library();
  if (open.id !== id) return;
  part("panels").replaceChildren();
  panels = [];
  for (const panel of chart.panels) {
    const members = lines.filter((line) => line.panel === panel.name);
    panels.push(await drawPanel(part("panels"), panel, members, chart, logs));
  }
}

function showTable({ columns, rows }) {
  const row = (cells, tag) => {
    const line = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(tag);
      cell.textContent = text;
      if (tag === "th") cell.scope = "col";
      line.append(cell);
    }
    return line;
  };
  const table = document.createElement("table");
  table.createTHead().append(row(columns, "th"));
  table.createTBody().append(...rows.slice(0, SHOWN_ROWS).map((cells) => row(cells, "td")));
  part("table").replaceChildren(table);
  part("rows").textContent = rows.length > SHOWN_ROWS
    ? `the first ${SHOWN_ROWS} of ${rows.length.toLocaleString("en")} rows` : `${rows.length} rows`;
}

function save(text, kind, ending) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.download = `${open.id.replaceAll("/", "_")}.${ending}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function step(by) {
  const ids = Object.keys(dataOf).filter((id) => !articleOf(id).closest("[hidden]"));
  const at = ids.indexOf(open.id);
  show(ids[(at + by + ids.length) % ids.length]);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-open]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.dataset.open);
});
part("before").addEventListener("click", () => step(-1));
part("after").addEventListener("click", () => step(1));
// A link within the page, as to a claim, leads out of the viewer.
part("viewer-more").addEventListener("click", (event) => {
  if (event.target.closest("a[href^='#']")) viewer.close();
});
part("close").addEventListener("click", () => viewer.close());
viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
for (const axis of ["log-x", "log-y"]) part(axis).addEventListener("change", showChart);
part("whole").addEventListener("click", () => panels.forEach(({ whole }) => whole()));
part("save-table").addEventListener("click", () => save(open.csv, "text/csv", "csv"));
part("save-config").addEventListener("click", () => save(open.config, "application/yaml", "yaml"));
