// Draws the page from its data block; every text of the data becomes a text node, never markup.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const report = data.report;
const main = document.getElementById("content");

// ---------------------------------------------------------------- small pieces

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const isNumber = (value) => typeof value === "number";
const text = (value) =>
  value === null || value === undefined ? "–"
  : isNumber(value) ? value.toLocaleString("en-US", { maximumFractionDigits: 6 })
  : typeof value === "object" ? JSON.stringify(value) : String(value);
// Decimals come as text, so that none of their digits is lost.
const numberOf = (value) => isNumber(value) ? value : typeof value === "string" && /^-?\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : null;
const seconds = (value) =>
  value >= 120 ? `${(value / 60).toFixed(1)} min` : value >= 1 ? `${value.toFixed(2)} s` : `${Math.round(value * 1000)} ms`;
function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${unit ? value.toFixed(1) : value} ${units[unit]}`;
}
const time = (value) => (value ? value.replace("T", " ").replace(/\.\d+Z$/, "Z").replace("Z", " UTC") : "–");
const plural = (count, word) => `${text(count)} ${word}${count === 1 ? "" : "s"}`;

function table(caption, columns, rows) {
  const numeric = columns.map((_, at) => rows.length > 0 && rows.every((row) => isNumber(row[at]) || row[at] === null));
  const cell = (value, at) => {
    if (value instanceof Node) return make("td", {}, value);
    const kind = (numeric[at] ? "number" : "") + (value === 0 ? " zero" : "");
    return at === 0 ? make("th", { scope: "row" }, text(value)) : make("td", { class: kind }, text(value));
  };
  const head = columns.map((name, at) => make("th", { scope: "col", class: numeric[at] && at > 0 ? "number" : "" }, name));
  return make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption },
    make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...head)),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell))))));
}

function section(id, title, ...children) {
  main.append(make("section", { id, "aria-labelledby": `${id}-title` }, make("h2", { id: `${id}-title` }, title), ...children));
}

// ---------------------------------------------------------------- plots

const plots = [];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// One series of bars over labels; `describe` is what a screen reader says of it.
function plot(title, labels, values, height, describe) {
  const place = make("div", { class: "plot", role: "img", "aria-label": describe });
  plots.push({ place, labels, values, height });
  return make("figure", {}, make("figcaption", {}, title), place);
}

function draw({ place, labels, values, height }) {
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--quiet"), grid, ticks: grid, font: "12px system-ui, sans-serif" };
  const label = (at) => (Number.isInteger(at) && labels[at] !== undefined ? String(labels[at]).slice(0, 12) : "");
  place.replaceChildren();
  new uPlot({
    width: Math.max(place.clientWidth, 120), height, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false, range: [-0.6, Math.max(labels.length - 0.4, 0.6)] }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(high, 0) * 1.05 || 1] } },
    axes: [{ ...axis, grid: { show: false }, space: 80, values: (_, marks) => marks.map(label), incrs: [1, 2, 5, 10, 20, 50, 100] },
           { ...axis, size: 56, space: 28 }],
    series: [{}, { stroke: colour("--accent"), fill: colour("--accent"), paths: uPlot.paths.bars({ size: [0.8, 40] }), points: { show: false } }],
  }, [labels.map((_, at) => at), values], place);
}

function drawAll() { plots.forEach(draw); }

// ---------------------------------------------------------------- sections

function header() {
  const tone = { published: "good", unchanged: "good", held: "warn", failed: "bad" }[report.status] || "";
  const window = report.window.start || report.window.end
    ? `window ${time(report.window.start)} to ${time(report.window.end)} (end not included)` : "window: all that the source has";
  const facts = [["took", seconds(report.seconds)], ["exit code", text(report.exit_code)], ["peak memory", bytes(report.peak_rss_bytes)]];
  if (report.extract) {
    facts.push(["requests", text(report.extract.requests)], ["retries", text(report.extract.retries)],
      ["pages", text(report.extract.pages)], ["pages landed before", text(report.extract.pages_reused)],
      ["received", bytes(report.extract.bytes)], ["items", text(report.extract.items)], ["total, as the source says", text(report.extract.total)]);
  }
  document.getElementById("head").append(
    make("p", { class: "quiet" }, `pipeline ${report.pipeline}`),
    make("h1", {}, `Run ${report.run_id}`),
    make("p", {}, make("span", { class: `status ${tone}` }, report.status || "in progress"), ` began ${time(report.started_at)}`),
    make("p", { class: "quiet" }, window),
    ...(report.error ? [make("p", { class: "error", role: "note" }, report.error)] : []),
    make("dl", { class: "tiles" }, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))));
}

function timeline() {
  const stages = Object.entries(report.stages);
  const began = Object.fromEntries(data.events.filter((event) => event.event === "StageStarted").map((event) => [event.stage, Date.parse(event.time)]));
  const known = stages.every(([stage]) => began[stage]);
  let next = 0;
  const bars = stages.map(([stage, took]) => {
    const start = known ? (began[stage] - began[stages[0][0]]) / 1000 : next;
    next = start + took;
    return { stage, took, start };
  });
  const whole = Math.max(...bars.map((bar) => bar.start + bar.took), 0.001);
  section("stages", "Stages", bars.length === 0 ? make("p", {}, "No stage ended.") : make("ol", { class: "timeline" }, ...bars.map((bar) => {
    const left = Math.min(100 * bar.start / whole, 99);
    const mark = make("span", { class: "bar" });
    mark.style.left = `${left}%`;
    mark.style.width = `${Math.min(100 * bar.took / whole, 100 - left)}%`;
    return make("li", {}, make("span", {}, bar.stage), make("span", { class: "track", "aria-hidden": "true" }, mark), make("span", { class: "number" }, seconds(bar.took)));
  })));
  const retries = data.events.filter((event) => event.event === "RequestRetried" || event.event === "ReadingRestarted");
  if (retries.length) {
    main.lastChild.append(table("Requests sent again", ["when", "attempt", "why", "url"],
      retries.map((event) => [time(event.time), event.attempt ?? event.reading ?? null, event.why, event.url || "the whole reading"])));
  }
}

function rows() {
  const tables = Object.entries(report.tables);
  if (!tables.length) return;
  const show = (caption, keys) =>
    table(caption, ["table", ...keys.map((key) => key.replaceAll("_", " "))], tables.map(([name, counts]) => [name, ...keys.map((key) => counts[key])]));
  section("rows", "Rows",
    show("Every row that came in, and what became of it", ["rows_in", "dropped_null", "dropped_duplicate", "rejected", "inserted", "updated", "unchanged"]),
    show(report.status === "held" || report.status === "failed" ? "What would change, or did before it ended, against the version before" : "What changed in the published tables since the version before", ["inserted", "updated", "moved", "replaced", "vanished", "withdrawn", "stale"]),
    show("What was written", ["rows_out", "partitions_total", "partitions_touched", "files_added", "bytes_added", "version"]),
    make("p", { class: "quiet" }, "Moved rows are among the updated ones: their partition changed. Stale rows stay published because their new version was rejected; vanished ones were not in this landing; withdrawn ones are gone from the source."));
  if (report.destinations.length) {
    main.lastChild.append(...report.destinations.flatMap((destination) => [
      table(`Loaded into ${destination.name}`, ["table", "inserted", "updated", "deleted", "unchanged", "version"],
        Object.entries(destination.tables).map(([name, counts]) => [name, counts.inserted, counts.updated, counts.deleted, counts.unchanged, counts.version])),
      destination.error ? make("p", { class: "error" }, destination.error) : null].filter(Boolean)));
  }
}

function checks() {
  if (!report.checks.length) return;
  const verdict = (check) => check.passed ? ["passed", "good"] : check.overridden ? ["overridden", "warn"] : check.severity === "warn" ? ["warning", "warn"] : ["failed", "bad"];
  const order = { failed: 0, warning: 1, overridden: 2, passed: 3 };
  const sorted = [...report.checks].sort((one, other) => order[verdict(one)[0]] - order[verdict(other)[0]]);
  section("checks", "Checks", table(`${plural(report.checks.filter((check) => check.passed).length, "check")} of ${text(report.checks.length)} passed`,
    ["check", "table", "result", "observed", "expected"],
    sorted.map((check) => {
      const [word, tone] = verdict(check);
      const observed = check.overridden ? `${check.observed} (overridden: ${check.overridden.reason})` : check.observed;
      return [check.check, check.table, make("strong", { class: tone }, word), observed, check.expected];
    })));
}

function rejected() {
  const tables = data.quarantine.filter((entry) => entry.rows.length);
  if (!tables.length) return;
  section("rejected", "Rejected rows", ...tables.flatMap((entry) => [
    make("h3", {}, `${entry.table}: ${plural(entry.rows.length, "row")}${entry.is_cut ? " (the first; the file has all)" : ""}`),
    ...entry.rows.map((row) => make("details", {},
      make("summary", {}, `${row.rule}${row.column ? ` in ${row.column}` : ""}: ${row.value === null ? "no value" : row.value} (item ${text(row.item_index)} of ${row.source_page})`),
      make("pre", { tabindex: "0", role: "region", "aria-label": `item ${text(row.item_index)} of ${row.source_page}, ${entry.table}, ${row.rule}` }, row.item)))]));
}

function drift() {
  if (!report.unmapped.length && !report.drift.length) return;
  const parts = [];
  if (report.drift.length) {
    parts.push(table("The source does otherwise than the pipeline file says", ["path", "table", "column", "kind", "expected", "found", "count", "example"],
      report.drift.map((entry) => [entry.path, entry.table, entry.column, entry.kind, entry.expected, entry.found, entry.count, entry.example])));
  }
  if (report.unmapped.length) {
    parts.push(table("Paths in items that no column names", ["path", "count", "example"], report.unmapped.map((entry) => [entry.path, entry.count, entry.example])));
  }
  section("drift", "Drift", ...parts);
}

function warnings() {
  if (!report.warnings.length) return;
  section("warnings", "Warnings", make("ul", {}, ...report.warnings.map((warning) => make("li", {}, warning))));
}

function answers() {
  if (!data.answers.length) return;
  section("answers", "Answers", make("p", { class: "quiet" }, "As the first destination answered when this page was written."),
    ...data.answers.flatMap((answer) => {
      const parts = [make("h3", {}, answer.heading)];
      const shown = answer.rows.slice(0, 200);
      const measures = answer.columns.map((_, at) => at).filter((at) => at > 0 && answer.rows.every((row) => row[at] === null || numberOf(row[at]) !== null) && answer.rows.some((row) => numberOf(row[at])));
      if (shown.length > 1) {
        parts.push(make("div", { class: "wide" }, ...measures.slice(0, 3).map((at) =>
          plot(`${answer.columns[at]}, by ${answer.columns[0]}`, shown.map((row) => text(row[0])), shown.map((row) => numberOf(row[at])), 160,
            `Bars: ${answer.columns[at]} by ${answer.columns[0]}; the table that follows has the numbers.`))));
      }
      const few = answer.rows.slice(0, 500);
      const caption = `${answer.name}: ${plural(answer.rows.length, "row")}${few.length < answer.rows.length ? `, the first ${few.length} shown` : ""}`;
      const all = table(caption, answer.columns, few);
      parts.push(few.length > 12 ? make("details", {}, make("summary", {}, caption), all) : all);
      return parts;
    }));
}

function history() {
  if (!data.history.length) return;
  const labels = data.history.map((run) => (run.started_at || "").slice(5, 10));
  const one = (title, value) => {
    const values = data.history.map(value);
    return plot(title, labels, values, 130, `Bars of ${plural(values.length, "run")}, oldest first: ${title}; the latest is ${text(values[values.length - 1])}, the highest ${text(Math.max(...values))}.`);
  };
  const rows = [...data.history].reverse().map((run) => [
    make("a", { href: `../${encodeURIComponent(run.folder)}/report.html` }, run.run_id), run.status, time(run.started_at),
    seconds(run.seconds), run.items, run.inserted, run.updated, run.rejected]);
  const all = table("Runs, latest first", ["run", "status", "began", "took", "items", "inserted", "updated", "rejected"], rows);
  section("history", "History",
    make("div", { class: "multiples" }, one("seconds", (run) => run.seconds), one("items", (run) => run.items), one("rows inserted", (run) => run.inserted),
      one("rows updated", (run) => run.updated), one("rows rejected", (run) => run.rejected)),
    rows.length > 12 ? make("details", {}, make("summary", {}, plural(rows.length, "run")), all) : all);
}

function files() {
  const link = (path) => make("a", { href: `../../${path.split("/").map(encodeURIComponent).join("/")}` }, path);
  section("files", "Files",
    make("ul", {}, ...data.folders.map((path) => make("li", {}, link(path)))),
    make("details", {}, make("summary", {}, `${plural(data.files.length, "file")} of this run`),
      make("ul", {}, ...data.files.map((file) => make("li", {}, link(file.path), ` ${bytes(file.bytes)}`)))));
}

header();
[warnings, timeline, rows, checks, rejected, drift, answers, history, files].forEach((part) => part());
document.getElementById("contents").append(make("ul", {}, ...[...main.querySelectorAll("section")].map((part) =>
  make("li", {}, make("a", { href: `#${part.id}` }, part.querySelector("h2").textContent)))));
drawAll();
addEventListener("resize", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
matchMedia("print").addEventListener("change", drawAll);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
