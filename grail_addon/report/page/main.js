// Start, theme and keys.
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("grail-report-theme", theme); } catch { /* no memory here */ }
}

function startTheme() {
  let kept = null;
  try { kept = localStorage.getItem("grail-report-theme"); } catch { /* no memory here */ }
  document.documentElement.dataset.theme = kept || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  $("theme").addEventListener("click", () => {
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    $("theme").blur(); // the keys go on with the cards
  });
}

function columns() {
  const cells = [...$("grid").children].filter((card) => !card.hidden);
  const top = cells.length ? cells[0].offsetTop : 0;
  return Math.max(1, cells.filter((card) => card.offsetTop === top).length);
}

const KEYS = {
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  ArrowDown: () => step($("detail").open ? 0 : columns()),
  ArrowUp: () => step($("detail").open ? 0 : -columns()),
  Enter: () => { if (at && !$("detail").open) openDetail(at); },
  a: () => act("approve"),
  r: () => act("reject"),
  c: () => act("clear"),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA|VIDEO)$/.test(event.target.tagName)) return;
  const scrolls = $("detail").open && (event.key === "ArrowDown" || event.key === "ArrowUp");
  const presses = event.key === "Enter" && event.target.tagName === "BUTTON" && !event.target.classList.contains("card");
  const run = KEYS[event.key];
  if (!run || scrolls || presses) return;
  event.preventDefault();
  run();
}

function start() {
  startTheme();
  document.title = data.title + " · frames";
  $("title").textContent = data.title;
  const objects = new Set(variants.map((variant) => variant.object)).size;
  $("summary").textContent = `${variants.length} variant${variants.length === 1 ? "" : "s"} of ${objects} object${objects === 1 ? "" : "s"}`;
  if (data.problems.length) {
    $("problems").hidden = false;
    $("problems").append(make("b", {}, "Some manifests could not be used"), make("ul", {}, data.problems.map((problem) => make("li", {}, problem))));
  }
  showRun(data.run);
  for (const key of ["object", "task"]) $(key).addEventListener("change", () => { filter[key] = $(key).value; refresh(); });
  $("order").addEventListener("change", refresh);
  $("search").addEventListener("input", () => { filter.text = $("search").value.trim().toLowerCase(); refresh(); });
  $("save").addEventListener("click", saveDecisions);
  $("reset").addEventListener("click", () => {
    Object.assign(filter, { object: "", task: "", verdict: "", text: "" });
    for (const id of ["object", "task", "search"]) $(id).value = "";
    refresh();
  });
  $("detail").addEventListener("close", () => { $("detail").replaceChildren(); history.replaceState(null, "", "#"); refresh(); if (at) cards.get(at).focus({ preventScroll: true }); });
  document.addEventListener("keydown", onKey);
  startCards();
  const names = new Set(variants.map((variant) => variant.piece));
  if (names.size === 1) loadPiece(variants[0].piece); // so few that all numbers may be here at once
  const asked = decodeURIComponent(location.hash.slice(1)); // a link to one variant
  if (byId.has(asked)) { moveTo(asked); openDetail(asked); }
}

start();
