// One variant: pictures side by side, numbers against thresholds, settling, scale, prompt, cost, video.
const BONES = ["left_wrist left_knuckles left_fingertips", "right_wrist right_knuckles right_fingertips",
  "left_ankle left_ball left_toes", "right_ankle right_ball right_toes", "head head_top"];
const STATE_COLOURS = { visible: "#35d07f", hidden: "#ff4d6d", outside: "#ff4d6d" };

function overlaySvg(variant) {
  const drawn = variant.overlay || {};
  const [width, height] = variant.size;
  const unit = height / 240; // line width that reads at any size
  const svg = makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMid meet" });
  const line = (points, colour, dash) => svg.append(makeSvg("polyline", {
    points: points.map((p) => p.join(",")).join(" "), fill: "none", stroke: colour, "stroke-width": unit, "stroke-dasharray": dash || "none" }));
  if (drawn.horizon_px) line(drawn.horizon_px, "#ffffffaa", `${unit * 4} ${unit * 4}`);
  if (drawn.object_box_px) {
    const [u0, v0, u1, v1] = drawn.object_box_px;
    svg.append(makeSvg("rect", { x: u0, y: v0, width: u1 - u0, height: v1 - v0, fill: "none", stroke: "#ff9426", "stroke-width": unit }));
  }
  const joints = drawn.joints || {};
  for (const names of BONES) {
    const points = names.split(" ").map((name) => joints[name]?.px).filter(Boolean);
    if (points.length > 1) line(points, "#4c8dff");
  }
  for (const [name, joint] of Object.entries(joints)) {
    if (!joint.px) continue;
    const title = makeSvg("title", {});
    title.textContent = `${name.replaceAll("_", " ")}: ${joint.state}, ${joint.depth_m.toFixed(2)} m`;
    svg.append(makeSvg("circle", { cx: joint.px[0], cy: joint.px[1], r: unit * 2.6, fill: STATE_COLOURS[joint.state] || "#888", stroke: "#0008", "stroke-width": unit / 2 }, title));
  }
  if (drawn.target_px) {
    const [u, v] = drawn.target_px;
    const arm = unit * 5;
    line([[u - arm, v], [u + arm, v]], "#fff");
    line([[u, v - arm], [u, v + arm]], "#fff");
  }
  return svg;
}

const swatch = (colour, text) => make("span", {}, make("span.swatch", { style: "background:" + colour }), text);

function view(title, src, extra, ...caption) {
  const pane = make("div.pane", {}, src ? make("img", { src, alt: title, decoding: "async" }) : make("span", {}, "not there"));
  if (src && extra) pane.append(extra);
  const figure = make("figure", {}, pane, make("figcaption", {}, make("b", {}, title), ...caption));
  pane.addEventListener("click", () => {
    const big = figure.classList.toggle("big");
    figure.parentElement.classList.toggle("one", big);
  });
  return figure;
}

function views(variant) {
  const range = variant.depthRange;
  return make("div.views", {},
    view("frame", variant.frame),
    view("joints", variant.frame, variant.frame && variant.size ? overlaySvg(variant) : null,
      swatch("#35d07f", "visible"), swatch("#ff4d6d", "hidden or outside"), swatch("#ff9426", "object")),
    view("depth", variant.depth, null, range ? make("span", {}, range[0].toFixed(2) + " m") : null, make("span.ramp"), range ? make("span", {}, range[1].toFixed(2) + " m") : null),
    view("masks", variant.masks, null, swatch("#40a0ff", "person"), swatch("#ff9426", "object"), swatch("#ff3c5a", "object, hidden")));
}

const panel = (title, ...children) => make("section.panel", {}, make("h3", {}, title), ...children);

function reasonsPanel(variant) {
  if (!variant.reasons.length) return panel("Findings", make("p", {}, "Every check passed."));
  const level = new Map(variant.checks.filter((check) => check.sentence).map((check) => [check.sentence, check.level]));
  return panel("Findings", make("ul.reasons", {}, variant.reasons.map((reason) =>
    make("li", {}, make("span.dot." + (level.get(reason) || "fail")), make("span", {}, reason)))));
}

function checksPanel(variant) {
  const groups = new Map(data.groups.map((name) => [name, []]));
  for (const check of variant.checks) {
    if (!groups.has(check.group)) groups.set(check.group, []);
    groups.get(check.group).push(check);
  }
  const parts = [...groups].filter(([, checks]) => checks.length).map(([name, checks]) => {
    const worst = checks.map((check) => check.level).sort((a, b) => RANK[a] - RANK[b])[0];
    return make("details", { open: worst !== "pass" },
      make("summary", {}, name, make("span.push.quiet", {}, String(checks.length)), make("span.dot." + worst)),
      make("table", {}, checks.map((check) => make("tr", {},
        make("td", {}, check.label), make("td.num." + check.level, {}, check.value), make("td.lim", {}, check.limit)))));
  });
  return panel("Numbers and thresholds", ...parts);
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (value && typeof value === "object") return Object.entries(value).map(([key, part]) => `${key} ${plain(part)}`).join(", ");
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? "");
}

// tip_angle_deg -> "tip angle, degrees"
const UNITS = { deg: "degrees", mm: "mm", m: "m", s: "s", px: "px", db: "dB" };
function named(key) {
  const words = key.split("_");
  const unit = words.length > 1 ? UNITS[words.at(-1)] : undefined;
  return unit ? words.slice(0, -1).join(" ") + ", " + unit : words.join(" ");
}

const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));

function facts(values, skip = []) {
  const rows = Object.entries(values).filter(([key, value]) => !skip.includes(key) && value != null && plain(value) !== "");
  return make("dl.facts", {}, rows.map(([key, value]) => fact(named(key), plain(value))));
}

const plots = (sources) => sources.length ? make("div.plots", {}, sources.map((src) => make("img", { src, alt: "", loading: "lazy" }))) : null;

function clipPanel(variant, clip, index) {
  const title = variant.clips.length > 1 ? `Video ${index + 1}` : "Video";
  const notes = facts(clip, ["src", "still", "file", "verdict", "reasons", "sandbox", "checks"]);
  const badges = make("p", {}, clip.verdict ? badge(clip.verdict) : null, " ", clip.sandbox ? make("span.badge.warn", {}, "sandbox, not the vendor's") : null);
  const parts = [badges];
  if (clip.src) {
    const video = make("video", { src: clip.src, controls: true, loop: true, muted: true, playsinline: true, preload: "metadata" });
    const over = variant.frame ? make("img.diff", { src: variant.frame, alt: "", hidden: true }) : null;
    const button = over && make("button", { type: "button", "aria-pressed": "false", onclick: () => {
      over.hidden = !over.hidden;
      video.controls = over.hidden;
      over.parentElement.classList.toggle("diffing", !over.hidden);
      button.setAttribute("aria-pressed", String(!over.hidden));
      if (!over.hidden) { video.pause(); video.currentTime = 0; }
    } }, "Difference to the frame, 3 × brighter");
    parts.push(make("figure.clip", {}, make("div.pane", {}, video, over), make("figcaption", {}, button)));
  }
  for (const reason of clip.reasons || []) parts.push(make("p", {}, reason));
  const checks = clip.checks || [];
  for (const check of checks) for (const note of check.notes || []) parts.push(make("p.quiet", {}, note));
  if (checks.length) parts.push(make("details", {}, make("summary", {}, "What was measured"), checks.map((check) => facts(check, ["notes"]))));
  return panel(title, ...parts, make("div.plots", {}, clip.still ? make("img", { src: clip.still, alt: "motion of the background", loading: "lazy" }) : null, notes));
}

function settlePanel(variant) {
  const settle = variant.settle;
  const keys = ["stable", "rolls", "settled", "on_support", "support_kind", "tip_angle_deg", "confidence", "drift_mm", "spin_deg", "gap_mm", "penetration_mm"];
  const notes = (settle.reasons || []).map((reason) => make("p", {}, reason));
  const short = (value) => typeof value === "number" ? Number(value.toPrecision(3)) : value;
  return panel("Settling", plots(variant.settlePlots), facts(Object.fromEntries(keys.map((key) => [key, short(settle[key])]))), ...notes);
}

function scalePanel(variant) {
  const { search_history: history, ...rest } = variant.scale;
  const table = history && history.length ? make("table", {}, history.map((entry) => make("tr", {},
    make("td.num.left", {}, String(entry.iteration ?? "")), make("td.num.left", {}, plain(entry.scale)), make("td.wide", {}, plain(entry.response))))) : null;
  return panel("Scale", make("div.plots", {}, variant.scalePlot ? make("img", { src: variant.scalePlot, alt: "scale tried", loading: "lazy" }) : null, table), facts(rest, ["file"]));
}

function moreParts(variant) {
  const parts = variant.clips.map((clip, index) => clipPanel(variant, clip, index));
  if (variant.settle) parts.push(settlePanel(variant));
  if (variant.scale) parts.push(scalePanel(variant));
  if (variant.prompt) parts.push(panel("Prompt", make("p.prompt", {}, variant.prompt.text || variant.prompt.base || "")));
  if (variant.cost) parts.push(panel("Cost", facts(variant.cost)));
  return parts;
}

function foldedPanel(variant) {
  const fold = (title, content) => make("details", {}, make("summary", {}, title), content);
  const files = make("dl.facts.one.files", {}, Object.entries(variant.files).map(([role, path]) =>
    fact(role.replaceAll("_", " "), make("a", { href: path }, decodeURIComponent(path.split("/").slice(2).join("/"))))));
  const parts = [["Sampled parameters", variant.parameters], ["Seconds", variant.timings], ["Versions", variant.versions]];
  return panel("How it was made", fold("Files", files), ...parts.filter(([, values]) => values).map(([title, values]) => fold(title, facts(values))));
}

function openDetail(id) {
  const variant = byId.get(id);
  if (!variant.checks) { // its numbers are not here yet
    loadPiece(variant.piece).then(() => { if (at === id) openDetail(id); }, () => {
      variant.checks = [];
      Object.assign(variant, { files: {}, clips: [], settlePlots: [], missing: true });
      if (at === id) openDetail(id);
    });
    return;
  }
  const dialog = $("detail");
  const scrolled = dialog.open && dialog.dataset.id === id ? dialog.scrollTop : 0;
  const decision = decisionOf(variant);
  const button = (label, value, kind) => make("button." + kind, { type: "button", disabled: variant.status !== "done", "aria-pressed": String(decision === value), onclick: () => act(decision === value ? "clear" : value) }, label);
  const head = make("div.head", {},
    make("button", { type: "button", onclick: () => dialog.close() }, "‹ All variants"),
    badge(variant.verdict), humanBadge(variant), make("h2", {}, variant.name),
    make("span.quiet", {}, `${variant.object} · ${variant.task}`),
    make("div.push", {}, button("Approve", "approve", "yes"), button("Reject", "reject", "no"),
      make("button.icon", { type: "button", "aria-label": "Previous variant", onclick: () => step(-1) }, "←"),
      make("button.icon", { type: "button", "aria-label": "Next variant", onclick: () => step(1) }, "→")));
  const missing = variant.missing ? make("p", {}, "The data file of this variant is missing; build the report again.") : null;
  const left = make("div.left", {}, missing, views(variant), ...moreParts(variant));
  const side = make("div.side", {}, reasonsPanel(variant), variant.checks.length ? checksPanel(variant) : null, foldedPanel(variant));
  dialog.replaceChildren(head, make("div.body", {}, left, side));
  dialog.dataset.id = id;
  history.replaceState(null, "", "#" + encodeURIComponent(id));
  if (!dialog.open) { dialog.showModal(); dialog.focus(); }
  dialog.scrollTop = scrolled;
}
