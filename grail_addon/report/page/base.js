"use strict";
// What all parts of the page share: the data, the decisions, and how elements are made.
const data = JSON.parse(document.getElementById("data").textContent);
const variants = data.variants;
const byId = new Map(variants.map((variant) => [variant.id, variant]));
const RANK = { fail: 0, warn: 1, pass: 2 };
const LEVELS = ["pass", "warn", "fail"];
const $ = (id) => document.getElementById(id);

// The numbers of a variant stand in the data file of its piece, a script that calls `receive`: a page on disk may load
// scripts, but no JSON.
const pieces = new Map(); // name -> promise

function receive(name, piece) {
  for (const part of piece.variants) {
    const variant = byId.get(part.id);
    if (!variant) continue;
    const checks = part.checks.map(([key, value, limit, level, sentence]) =>
      ({ label: piece.checks[key][0], group: piece.checks[key][1], value, limit: piece.limits[limit], level, sentence }));
    Object.assign(variant, part, { checks });
  }
}

function loadPiece(name) {
  if (!pieces.has(name)) {
    pieces.set(name, new Promise((done, failed) => {
      const script = make("script", { src: "data/" + encodeURIComponent(name) + ".js", onload: done, onerror: failed });
      document.head.append(script);
    }));
  }
  return pieces.get(name);
}

// make("p.quiet", {title: "x"}, "text", child): text is never parsed as HTML
function make(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child != null) element.append(child);
  return element;
}

function makeSvg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Decisions made on this page and not yet saved: id -> {decision, time}. They outlive a reload where the browser lets
// a local file keep something; where it does not, they last as long as the page.
const memoryName = "grail-report:" + location.pathname;
const made = new Map();
try {
  for (const [id, decision] of Object.entries(JSON.parse(localStorage.getItem(memoryName) || "{}"))) {
    if (byId.has(id)) made.set(id, decision);
  }
} catch { /* no memory here */ }

function decide(id, decision) {
  const stored = byId.get(id).human;
  const same = stored ? stored.decision === decision : decision === "clear";
  if (same) made.delete(id);
  else made.set(id, { decision, by: "", time: new Date().toISOString(), note: "" });
  try { localStorage.setItem(memoryName, JSON.stringify(Object.fromEntries(made))); } catch { /* no memory here */ }
}

// approve, reject or ""
function decisionOf(variant) {
  const now = made.get(variant.id) || variant.human;
  return now && now.decision !== "clear" ? now.decision : "";
}

// what counts: a person's word, else the machine's
function finalVerdict(variant) {
  if (variant.status !== "done") return "fail";
  const decision = decisionOf(variant);
  if (decision === "reject") return "fail";
  return decision === "approve" ? "pass" : variant.verdict;
}

function saveDecisions() {
  const text = JSON.stringify({ schema: 1, decisions: Object.fromEntries(made) }, null, 2) + "\n";
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: "decisions.json" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const badge = (kind, text) => make("span.badge." + kind, {}, text || kind);
const humanBadge = (variant) => {
  const decision = decisionOf(variant);
  return decision ? badge(decision, decision === "approve" ? "approved" : "rejected") : null;
};
