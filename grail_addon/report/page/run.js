// The last run: how many, how fast, by whom, and what failed.
function spanText(seconds) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : minutes ? `${minutes} min` : `${seconds} s`;
}

function runTable({ title, rows }) {
  const withNode = title !== "Node" && rows.some((row) => row[1]);
  const heads = [title, ...(withNode ? ["Node"] : []), "Done", "Up to date", "Failed", "Seconds an item"];
  const line = ([name, node, done, skipped, failed, each]) => make("tr", {}, make("td", {}, name), withNode ? make("td", {}, node) : null,
    ...[done, skipped].map((count) => make("td.num", {}, String(count))), make(failed ? "td.num.fail" : "td.num", {}, String(failed)),
    make("td.num", {}, each === null ? "" : each.toFixed(1)));
  return make("table", {}, make("thead", {}, make("tr", {}, heads.map((head, place) => make(place <= withNode ? "th" : "th.num", {}, head)))), make("tbody", {}, rows.map(line)));
}

function showRun(run) {
  if (!run) return;
  const counts = `${run.done} done, ${run.skipped} up to date, ${run.failed} failed of ${run.planned}`;
  const when = run.ended ? `Last run: ${counts} in ${spanText(run.seconds)}` : `A run was at work when this page was made: ${counts} after ${spanText(run.seconds)}`;
  const reasons = run.reasons.map(([count, reason, item]) => make("li", {}, `${count} × ${reason} `, make("span.quiet", {}, `such as ${item}`)));
  const choices = run.choices.map((choice) => make("li", {}, choice));
  const lists = [["What failed", reasons], ["Workers", choices]].filter(([, lines]) => lines.length);
  $("run").hidden = false;
  $("run").append(make("summary", {}, when), ...lists.flatMap(([head, lines]) => [make("h3", {}, head), make("ul", {}, lines)]), make("div.tables", {}, run.tables.map(runTable)));
}
