// The contact sheet: one card for each variant, filters, order, and which card the keys act on.
const cards = new Map();
const filter = { object: "", task: "", verdict: "", text: "" };
let shown = [];
let at = null; // id of the current card

function fillCard(card, variant) {
  card.querySelector(".human")?.remove();
  const human = humanBadge(variant);
  if (human && card.firstChild) {
    human.classList.add("human");
    card.querySelector(".shot").append(human);
  }
}

// A card is filled at once where there are few, else when it comes near the window.
const FILLED_AT_ONCE = 1500;
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    near.unobserve(entry.target);
    fillNow(entry.target);
  }
}, { rootMargin: "1200px" });

function makeCard(variant, index) {
  const card = make("button.card", { type: "button", "data-id": variant.id, onclick: () => { moveTo(variant.id); openDetail(variant.id); } });
  if (index < FILLED_AT_ONCE) fillNow(card);
  else near.observe(card);
  return card;
}

function fillNow(card) {
  const variant = byId.get(card.dataset.id);
  const picture = variant.thumb
    ? make("img", { src: variant.thumb, loading: "lazy", decoding: "async", alt: "" })
    : make("span", {}, "no picture");
  const why = variant.reasons.length ? variant.reasons[0] + (variant.reasons.length > 1 ? ` (+${variant.reasons.length - 1})` : "") : "all checks passed";
  card.replaceChildren(
    make("div.shot", {}, picture, badge(variant.verdict), variant.video ? badge(variant.video + ".video", "video " + variant.video) : null),
    make("div.text", {},
      make("div.name", { title: variant.id }, variant.name),
      make("div.sub", {}, variant.object + " · " + variant.task),
      make("div.why", {}, why)));
  fillCard(card, variant);
}

const VERDICT_FILTERS = [
  ["", "all", () => true],
  ["pass", "pass", (v) => v.verdict === "pass"],
  ["warn", "warn", (v) => v.verdict === "warn"],
  ["fail", "fail", (v) => v.verdict === "fail"],
  ["send", "to be sent", (v) => finalVerdict(v) !== "fail"],
  ["approve", "approved", (v) => decisionOf(v) === "approve"],
  ["reject", "rejected", (v) => decisionOf(v) === "reject"],
  ["video", "videos to look at", (v) => v.video && v.video !== "pass"],
  ["open", "undecided", (v) => !decisionOf(v)],
];

function matches(variant, withVerdict) {
  if (filter.object && variant.object !== filter.object) return false;
  if (filter.task && variant.task !== filter.task) return false;
  if (filter.text && !variant.words.includes(filter.text)) return false;
  return !withVerdict || VERDICT_FILTERS.find(([key]) => key === filter.verdict)[2](variant);
}

const ORDERS = {
  id: () => 0,
  verdict: (a, b) => RANK[a.verdict] - RANK[b.verdict] || b.reasons.length - a.reasons.length,
  seed: (a, b) => a.seed - b.seed,
};

function refresh() {
  const others = variants.filter((variant) => matches(variant, false));
  shown = others.filter((variant) => matches(variant, true)).sort(ORDERS[$("order").value]);
  const visible = new Set(shown.map((variant) => variant.id));
  for (const [id, card] of cards) card.hidden = !visible.has(id);
  $("grid").append(...shown.map((variant) => cards.get(variant.id)));
  $("empty").hidden = shown.length > 0 || variants.length === 0;
  $("verdicts").replaceChildren(...VERDICT_FILTERS.map(([key, label, test]) =>
    make("button", { type: "button", "aria-pressed": String(filter.verdict === key), "data-verdict": key, onclick: () => { filter.verdict = key; refresh(); } },
      LEVELS.includes(key) ? make("span.dot." + key) : null, label, make("b", {}, String(others.filter(test).length)))));
  const save = $("save");
  save.disabled = made.size === 0;
  save.textContent = made.size ? `Save ${made.size} decision${made.size === 1 ? "" : "s"}` : "Save decisions";
  if (!visible.has(at)) moveTo(shown.length ? shown[0].id : null, false);
}

function moveTo(id, scroll = true) {
  if (at) cards.get(at).classList.remove("at");
  at = id;
  if (!id) return;
  cards.get(id).classList.add("at");
  if (scroll) cards.get(id).scrollIntoView({ block: "nearest" });
}

function step(by) {
  if (!shown.length) return;
  const index = shown.findIndex((variant) => variant.id === at);
  moveTo(shown[Math.min(shown.length - 1, Math.max(0, index + by))].id);
  if ($("detail").open) openDetail(at);
}

function act(decision) {
  const variant = byId.get(at);
  if (!variant || variant.status !== "done") return;
  decide(at, decision);
  fillCard(cards.get(at), variant);
  const kept = at;
  refresh();
  if ($("detail").open) { // the filter may hide it now; what is being looked at stays
    moveTo(kept, false);
    openDetail(kept);
  }
}

function choices(select, name, values) {
  select.replaceChildren(make("option", { value: "" }, "all " + name), ...values.map((value) => make("option", { value }, value)));
}

function startCards() {
  for (const [index, variant] of variants.entries()) {
    variant.words = [variant.id, variant.task, ...variant.reasons].join("\n").toLowerCase();
    cards.set(variant.id, makeCard(variant, index));
  }
  const distinct = (key) => [...new Set(variants.map((variant) => variant[key]))].sort();
  choices($("object"), "objects", distinct("object"));
  choices($("task"), "tasks", distinct("task"));
  refresh();
}
