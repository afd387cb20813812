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
    return at === 0 && value !== "" ? make("th", { scope: "row" }, text(value)) : make("td", { class: kind }, text(value));
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
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7, 1e8, 1e9];

// One chart of bars. `series` are [{name, values, style}], style one of "accent", "warn", "bad", "hatched"; later ones lie
// over earlier ones. `times` are seconds since 1970 for a continuous axis. `describe` is what a screen reader says of it.
function plot(title, { times, series, height, describe }) {
  const place = make("div", { class: "plot", role: "img", "aria-label": describe });
  plots.push({ place, times, series, height });
  const named = series.filter((one) => one.name);
  return make("figure", {}, make("figcaption", {}, title, ...(named.length > 1 ? legend(named.map((one) => [one.style, one.name])) : [])), place);
}

const legend = (styles) => styles.map(([style, name]) => make("span", { class: "key" }, make("span", { class: `swatch ${style}` }), name));

// Stripes in the ground's colour over what lies below.
function hatched(context) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour("--ground");
  pen.lineWidth = 2.5;
  pen.beginPath();
  for (const from of [-8, 0, 8]) { pen.moveTo(from, 8); pen.lineTo(from + 8, 0); }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

// A mark of a time axis whose marks are `step` seconds apart: year, month, day or time of day, UTC.
function dateLabel(mark, step) {
  const iso = new Date(mark * 1000).toISOString();
  return step >= 31e6 ? iso.slice(0, 4) : step >= 2.4e6 ? iso.slice(0, 7) : step >= 86400 ? iso.slice(5, 10) : step >= 60 ? iso.slice(11, 16) : iso.slice(11, 19);
}

function draw({ place, times, series, height }) {
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--quiet"), grid, ticks: grid, font: "12px system-ui, sans-serif" };
  const isWhole = series.every((one) => one.values.every((value) => value === null || Number.isInteger(value)));
  const span = times.length > 1 ? times[times.length - 1] - times[0] : 86400;
  const bars = uPlot.paths.bars({ size: [0.8, 26, 3] });
  place.replaceChildren();
  new uPlot({
    width: Math.max(place.clientWidth, 120), height, legend: { show: false }, cursor: { show: false },
    tzDate: (value) => uPlot.tzDate(new Date(value * 1000), "UTC"),
    scales: { x: { time: true, range: [times[0] - span * 0.04 - 1, times[times.length - 1] + span * 0.04 + 1] },
              y: { range: (_, low, high) => [Math.min(0, low), Math.max(high, 0) * 1.08 || 1] } },
    axes: [{ ...axis, grid: { show: false }, space: 70, values: (_, marks, __, ___, step) => marks.map((mark) => dateLabel(mark, step)) }, { ...axis, size: 56, space: 28, ...(isWhole ? { incrs: WHOLE } : {}) }],
    series: [{}, ...series.map((one) => one.style === "hatched"
      ? { stroke: colour("--accent"), width: 1, fill: (chart) => hatched(chart.ctx), paths: bars, points: { show: false } }
      : { stroke: colour(`--${one.style}`), fill: colour(`--${one.style}`), paths: bars, points: { show: false } })],
  }, [times, ...series.map((one) => one.values)], place);
}

function drawAll() { plots.forEach(draw); }

// ---------------------------------------------------------------- sections

// Reports of format 1 (release 0.1, which wrote no number) have earlier names for three things.
function renameEarlier() {
  if (report.format) return;
  if (report.status === "held") report.status = "blocked";
  for (const counts of Object.values(report.tables)) {
    counts.missing ??= counts.vanished;
    counts.deleted ??= counts.withdrawn;
  }
}

// What became of the rows of a table, in words: "12 launches added, 11 changed".
function changeWords(name, counts) {
  const parts = [[counts.inserted, "added"], [(counts.updated || 0) - (counts.moved || 0), "changed"], [counts.moved, "moved"], [(counts.deleted || 0) + (counts.replaced || 0), "gone"]]
    .filter(([count]) => count > 0);
  return parts.map(([count, word], at) => `${text(count)} ${at === 0 ? `${name} ` : ""}${word}`).join(", ");
}

const failedChecks = () => report.checks.filter((check) => !check.passed && check.severity === "fail" && !check.overridden);

// One sentence: what changed, whether it is good, where it went.
function lead() {
  const first = (report.error || "").split("\n")[0];
  if (report.status === "failed" || report.status === "interrupted") return `The run ${report.status === "failed" ? "failed" : "was interrupted"}${first ? `: ${first}` : ""}`;
  const failed = failedChecks();
  if (report.status === "blocked") {
    const why = failed.length ? `check ${failed[0].check} of ${failed[0].table} failed: ${failed[0].observed}, expected ${failed[0].expected}` : first || "too many rows were rejected";
    return `Nothing was published: ${why}${failed.length > 1 ? `; ${plural(failed.length - 1, "more check")} failed` : ""}`;
  }
  const changes = Object.entries(report.tables).map(([name, counts]) => changeWords(name, counts)).filter(Boolean);
  const parts = [changes.length ? changes.join("; ") : Object.keys(report.tables).length ? "Nothing changed" : `The run is ${report.status || "in progress"}`];
  const passed = report.checks.filter((check) => check.passed).length;
  if (report.checks.length) parts.push(`${text(passed)} of ${plural(report.checks.length, "check")} passed`);
  const loaded = report.destinations.filter((destination) => !destination.error);
  if (loaded.length) parts.push(`loaded into ${plural(loaded.length, "destination")}${report.stages.load ? ` in ${seconds(report.stages.load)}` : ""}`);
  if (loaded.length < report.destinations.length) parts.push(`${plural(report.destinations.length - loaded.length, "destination")} failed`);
  return parts.join("; ");
}

// How the run before did, for comparison.
function before() {
  const earlier = data.history.filter((run) => run.run_id !== report.run_id && run.started_at < report.started_at);
  const last = earlier[earlier.length - 1];
  if (!last) return "This is the first run.";
  const changes = [[last.inserted, "added"], [last.updated, "changed"], [last.deleted, "gone"]].filter(([count]) => count > 0)
    .map(([count, word], at) => `${text(count)} ${at === 0 ? (count === 1 ? "row " : "rows ") : ""}${word}`).join(", ");
  const outcome = last.status === "published" || last.status === "unchanged" ? changes || "nothing changed" : last.status;
  return `The run before, ${time(last.started_at)}: ${outcome}.`;
}

function header() {
  const tone = { published: "good", unchanged: "good", blocked: "warn", failed: "bad" }[report.status] || "";
  const window = report.window.start || report.window.end
    ? `window ${time(report.window.start)} to ${time(report.window.end)} (end not included)` : "window: all that the source has";
  document.getElementById("head").append(
    make("p", { class: "quiet" }, `pipeline ${report.pipeline}`),
    make("h1", {}, make("span", { class: `status ${tone}` }, report.status || "in progress"), ` ${lead()}.`.replace(/\.\.$/, ".")),
    make("p", {}, before()),
    ...(report.error && (report.status === "blocked" || report.error.includes("\n")) ? [make("p", { class: "error", role: "note" }, report.error)] : []),
    make("p", { class: "quiet" }, `run ${report.run_id}, began ${time(report.started_at)}, took ${seconds(report.seconds)}; ${window}`));
}

function history() {
  if (data.history.length < 2) return;
  const runs = data.history;
  const times = runs.map((run) => Date.parse(run.started_at) / 1000);
  const styles = { failed: "bad", interrupted: "bad", blocked: "warn" };
  const one = (title, value) => {
    const values = runs.map(value);
    const of = (style) => runs.map((run, at) => ((styles[run.status] || "accent") === style ? values[at] : null));
    return plot(title, {
      times, height: 120,
      series: ["accent", "warn", "bad"].map((style) => ({ style, values: of(style) })).filter((series) => series.values.some((value) => value !== null)),
      describe: `Bars of ${plural(values.length, "run")}, oldest first: ${title}; the latest is ${text(values[values.length - 1])}, the highest ${text(Math.max(...values))}.`,
    });
  };
  const troubled = [...runs].reverse().filter((run) => styles[run.status]);
  const rows = [...runs].reverse().map((run) => [
    make("a", { href: `../${encodeURIComponent(run.folder)}/report.html` }, run.run_id), run.status, time(run.started_at),
    seconds(run.seconds), run.items, run.inserted, run.updated, run.rejected]);
  const all = table("Runs, latest first", ["run", "status", "began", "took", "items", "inserted", "updated", "rejected"], rows);
  const count = (status) => runs.filter((run) => styles[run.status] === status).length;
  section("history", "History",
    make("p", {}, `The last ${plural(runs.length, "run")}: ${count("bad") ? `${plural(count("bad"), "run")} failed` : "none failed"}, ${count("warn") ? `${text(count("warn"))} blocked` : "none blocked"}.`,
      ...(count("bad") + count("warn") ? legend([["accent", "published or unchanged"], ["warn", "blocked"], ["bad", "failed"]]) : [])),
    make("div", { class: "multiples" }, one("items", (run) => run.items), one("rows added", (run) => run.inserted), one("rows changed", (run) => run.updated),
      one("rows rejected", (run) => run.rejected), one("seconds", (run) => run.seconds)),
    ...(troubled.length ? [make("ul", { class: "plain" }, ...troubled.slice(0, 5).map((run) => make("li", {},
      make("strong", { class: styles[run.status] }, run.status), ` ${time(run.started_at)}: ${run.error || "no reason was kept"}`)))] : []),
    make("details", {}, make("summary", {}, `All ${plural(runs.length, "run")}`), all));
}

const CHANGES = [["inserted", "added"], ["updated", "changed"], ["moved", "moved"], ["deleted", "gone"]];

// A value of an example, short enough that a row stays a row; the whole one is its title.
function brief(value) {
  const whole = text(value);
  return whole.length <= 60 ? whole : make("span", { title: whole }, `${[...whole].slice(0, 57).join("")}...`);
}

// Rows that were added or are gone, or values that changed, old and new; [column, text] pairs of the key first.
function exampleTable(caption, examples) {
  const keyText = (pairs) => pairs.map(([, value]) => text(value)).join(", ");
  const named = examples[0].key.map(([column]) => column).join(", ");
  if (examples[0].changes) {
    return table(caption, [named, "column", "old", "new"],
      examples.flatMap((example) => example.changes.map(([column, old, now], at) => [at === 0 ? keyText(example.key) : "", column, brief(old), brief(now)])));
  }
  const columns = examples[0].row.map(([column]) => column).slice(0, 8);
  return table(caption, [named, ...columns], examples.map((example) => [keyText(example.key), ...example.row.slice(0, 8).map(([, value]) => brief(value))]));
}

function changed() {
  const tables = Object.entries(report.tables);
  if (!tables.length) return;
  const keys = ["inserted", "updated", "moved", "replaced", "missing", "deleted", "stale"]
    .filter((key) => key === "inserted" || key === "updated" || tables.some(([, counts]) => counts[key]));
  const isPublished = report.status !== "blocked" && report.status !== "failed";
  const notes = { moved: "Moved rows are among the updated ones: their partition changed.", stale: "Stale rows stay published because their new version was rejected.",
    missing: "Missing rows were not in this landing.", deleted: "Deleted rows are gone from the source.", replaced: "Replaced rows left with the set of their parent." };
  section("changes", "What changed",
    table(isPublished ? "Rows of the published tables, since the version before" : "What would change against the version before", ["table", ...keys],
      tables.map(([name, counts]) => [name, ...keys.map((key) => counts[key])])),
    make("p", { class: "quiet" }, keys.map((key) => notes[key]).filter(Boolean).join(" ")));
  for (const [name, kinds] of Object.entries((data.examples && data.examples.tables) || {})) {
    for (const [kind, word] of CHANGES) {
      const examples = kinds[kind] || [];
      if (!examples.length) continue;
      const whole = kind === "updated" ? report.tables[name].updated - report.tables[name].moved : kind === "deleted" ? (report.tables[name].deleted || 0) + (report.tables[name].replaced || 0) : report.tables[name][kind];
      const caption = `${name}: ${text(whole)} ${word}${whole > examples.length ? `, the first ${text(examples.length)}` : ""}`;
      const lines = examples.reduce((sum, example) => sum + (example.changes || [0]).length, 0);
      main.lastChild.append(make("details", lines > 12 ? {} : { open: "" }, make("summary", {}, caption), exampleTable(caption, examples)));
    }
  }
}

function checks() {
  if (!report.checks.length) return;
  const verdict = (check) => check.passed ? ["passed", "good"] : check.overridden ? ["overridden", "warn"] : check.severity === "warn" ? ["warning", "warn"] : ["failed", "bad"];
  const row = (check) => {
    const [word, tone] = verdict(check);
    const observed = check.overridden ? `${check.observed} (overridden: ${check.overridden.reason})` : check.observed;
    return [check.check, check.table, make("strong", { class: tone }, word), observed, check.expected];
  };
  const columns = ["check", "table", "result", "observed", "expected"];
  const order = { failed: 0, warning: 1, overridden: 2 };
  const exceptions = report.checks.filter((check) => !check.passed).sort((one, other) => order[verdict(one)[0]] - order[verdict(other)[0]]);
  const passed = report.checks.filter((check) => check.passed);
  section("checks", "Checks",
    ...(exceptions.length ? [table(`${plural(exceptions.length, "check")} did not pass`, columns, exceptions.map(row))] : []),
    ...(passed.length ? [make("details", {}, make("summary", {}, `${text(passed.length)} of ${plural(report.checks.length, "check")} passed`), table("Checks that passed", columns, passed.map(row)))] : []));
}

// Rejections by rule and column: how many, and two examples of each.
function rejected() {
  const tables = data.quarantine.filter((entry) => entry.rows.length);
  if (!tables.length) return;
  const item = (row, entry) => make("details", {},
    make("summary", {}, `${row.value === null ? "no value" : row.value} (item ${text(row.item_index)} of ${row.source_page})`),
    make("pre", { tabindex: "0", role: "region", "aria-label": `item ${text(row.item_index)} of ${row.source_page}, ${entry.table}, ${row.rule}` }, row.item));
  section("rejected", "Rejected rows", ...tables.flatMap((entry) => {
    const groups = new Map();
    for (const row of entry.rows) {
      const name = `${row.rule}${row.column ? ` in ${row.column}` : ""}`;
      groups.set(name, [...(groups.get(name) || []), row]);
    }
    const whole = (report.tables[entry.table] || {}).rejected;
    return [make("h3", {}, `${entry.table}: ${plural(whole ?? entry.rows.length, "row")} rejected`),
      ...(entry.is_cut ? [make("p", { class: "quiet" }, `Of the first ${text(entry.rows.length)}; 'ashore quarantine list' has all.`)] : []),
      ...[...groups].sort((one, other) => other[1].length - one[1].length).map(([name, rows]) =>
        make("div", { class: "group" }, make("p", {}, make("strong", {}, name), `: ${plural(rows.length, "row")}`), ...rows.slice(0, 2).map((row) => item(row, entry))))];
  }));
}

// How the run went: stages, requests, what was written, destinations.
function details() {
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
  section("details", "How it went", bars.length === 0 ? make("p", {}, "No stage ended.") : make("ol", { class: "timeline" }, ...bars.map((bar) => {
    const left = Math.min(100 * bar.start / whole, 99);
    const mark = make("span", { class: "bar" });
    mark.style.left = `${left}%`;
    mark.style.width = `${Math.min(100 * bar.took / whole, 100 - left)}%`;
    return make("li", {}, make("span", {}, bar.stage), make("span", { class: "track", "aria-hidden": "true" }, mark), make("span", { class: "number" }, seconds(bar.took)));
  })));
  const place = main.lastChild;
  const extract = report.extract;
  if (extract) {
    const total = isNumber(extract.total) ? ` of ${text(extract.total)} that the source counts` : "";
    place.append(make("p", {}, `${plural(extract.items, "item")}${total} in ${plural(extract.pages, "page")} (${bytes(extract.bytes)}), by ${plural(extract.requests, "request")}` +
      `${extract.retries ? `, ${text(extract.retries)} of them retries` : ""}${extract.pages_reused ? `; ${plural(extract.pages_reused, "page")} had landed before` : ""}. Peak memory ${bytes(report.peak_rss_bytes)}, exit code ${text(report.exit_code)}.`));
  } else {
    place.append(make("p", {}, `Peak memory ${bytes(report.peak_rss_bytes)}, exit code ${text(report.exit_code)}.`));
  }
  const retries = data.events.filter((event) => event.event === "RequestRetried" || event.event === "ReadingRestarted");
  if (retries.length) {
    place.append(table("Requests sent again", ["when", "attempt", "why", "url"],
      retries.map((event) => [time(event.time), event.attempt ?? event.reading ?? null, event.why, event.url || "the whole reading"])));
  }
  const tables = Object.entries(report.tables);
  const show = (caption, keys) => table(caption, ["table", ...keys.map((key) => key.replaceAll("_", " "))], tables.map(([name, counts]) => [name, ...keys.map((key) => counts[key])]));
  if (tables.length) {
    place.append(show("Every row that came in, and what became of it", ["rows_in", "dropped_null", "dropped_duplicate", "rejected", "inserted", "updated", "unchanged"]),
      show("What was written", ["rows_out", "partitions_total", "partitions_touched", "files_added", "bytes_added", "version"]));
  }
  for (const destination of report.destinations) {
    place.append(table(`Loaded into ${destination.name}`, ["table", "inserted", "updated", "deleted", "unchanged", "version"],
      Object.entries(destination.tables).map(([name, counts]) => [name, counts.inserted, counts.updated, counts.deleted, counts.unchanged, counts.version])));
    if (destination.error) place.append(make("p", { class: "error" }, destination.error));
  }
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

// Seconds since 1970 of "2022", "2022-11", "2022-11-01" or an instant; null for anything else.
function secondsOf(value) {
  if (typeof value !== "string" || !/^\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d.*)?)?)?$/.test(value)) return null;
  const parsed = Date.parse(value.length <= 10 ? value : value.replace(" ", "T"));
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

// A chart where it says something: numbers over time. Later numbers that never exceed the first are parts of it.
function answerChart(answer) {
  const times = answer.rows.map((row) => secondsOf(row[0]));
  const isCut = answer.rows.length < answer.rows_total;
  if (isCut || answer.rows.length < 3 || times.includes(null) || times.some((value, at) => at > 0 && value <= times[at - 1])) return null;
  const columns = answer.columns.map((_, at) => at).filter((at) => at > 0 && answer.rows.every((row) => row[at] === null || numberOf(row[at]) !== null));
  if (!columns.length) return null;
  const values = (at) => answer.rows.map((row) => numberOf(row[at]));
  const first = values(columns[0]);
  const part = columns.slice(1).reverse().find((at) => values(at).every((value, row) => value <= first[row]) && values(at).some((value) => value > 0));
  const series = [{ name: answer.columns[columns[0]], style: "accent", values: first }];
  if (part !== undefined) series.push({ name: `of these ${answer.columns[part]}`, style: "hatched", values: values(part) });
  return make("div", { class: "wide" }, plot(`${answer.columns[columns[0]]} by ${answer.columns[0]}`, {
    times, series, height: 180, describe: `Bars: ${answer.columns[columns[0]]} by ${answer.columns[0]}; the table that follows has the numbers.` }));
}

function answers() {
  if (!data.answers.length) return;
  section("answers", "Answers", make("p", { class: "quiet" }, "As the first destination answered when this page was written."),
    ...data.answers.flatMap((answer) => {
      const few = answer.rows.slice(0, 500);
      const caption = `${answer.name}: ${plural(answer.rows_total, "row")}${few.length < answer.rows_total ? `, the first ${few.length} shown` : ""}`;
      const all = table(caption, answer.columns, few);
      return [make("h3", {}, answer.heading), answerChart(answer), few.length > 12 ? make("details", {}, make("summary", {}, caption), all) : all].filter(Boolean);
    }));
}

function files() {
  const link = (path) => make("a", { href: `../../${path.split("/").map(encodeURIComponent).join("/")}` }, path);
  section("files", "Files",
    make("ul", {}, ...data.folders.map((path) => make("li", {}, link(path)))),
    make("details", {}, make("summary", {}, `${plural(data.files.length, "file")} of this run`),
      make("ul", {}, ...data.files.map((file) => make("li", {}, link(file.path), ` ${bytes(file.bytes)}`)))));
}

renameEarlier();
header();
[history, changed, checks, rejected, warnings, drift, answers, details, files].forEach((part) => part());
document.getElementById("contents").append(make("ul", {}, ...[...main.querySelectorAll("section")].map((part) =>
  make("li", {}, make("a", { href: `#${part.id}` }, part.querySelector("h2").textContent)))));
drawAll();
addEventListener("resize", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
matchMedia("print").addEventListener("change", drawAll);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
