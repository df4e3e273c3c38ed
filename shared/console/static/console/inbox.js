// What the inbox does by itself: what is typed stays, the thread keeps its place, keys, what was looked at.

import { shortcut } from "./keys.js";
import { beginComposer, composer } from "./composer.js";
import { finishTimes } from "./times.js";

const panes = document.getElementById("panes");
const thread = () => document.querySelector("[data-thread]");
const csrf = document.querySelector("meta[name=csrf]").content;

/* Redrawing leaves alone what the reader opened, what they type, and times that are written already. */
if (window.Idiomorph) {
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
    if (old.nodeType !== 1 || fresh.nodeType !== 1) return true;
    if ("keeps" in old.dataset && old.id === fresh.id) return false;
    return !(old.nodeName === "TIME" && old.dateTime === fresh.dateTime && old.dataset.form === fresh.dataset.form);
  };
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !(name === "open" && element.nodeName === "DETAILS");
}

/* The thread stays at its end while the reader is there, else where they are. */
let place = null;
const near = (one) => one.scrollHeight - one.scrollTop - one.clientHeight < 80;

function remember() {
  const one = thread();
  place = one && { id: one.id, end: near(one), rest: one.scrollHeight - one.scrollTop, last: one.dataset.last, first: one.querySelector(".lines")?.firstElementChild?.id };
}

function settle() {
  finishTimes(document);
  const one = thread();
  if (!one) return;
  if (!place || place.id !== one.id || place.end) one.scrollTop = one.scrollHeight;
  else if (place.first !== one.querySelector(".lines").firstElementChild?.id) one.scrollTop = one.scrollHeight - place.rest;
  newer(one);
  looked();
}

function newer(one) {
  const shown = document.getElementById("newer");
  const wanted = place && place.id === one.id && !place.end && Number(one.dataset.last) > Number(place.last);
  if (near(one)) shown?.remove();
  else if (wanted && !shown) {
    const button = document.createElement("button");
    button.id = "newer";
    button.type = "button";
    button.className = "button small newer";
    button.textContent = "New messages ↓";
    button.addEventListener("click", () => { one.scrollTop = one.scrollHeight; button.remove(); });
    one.after(button);
  }
}

/* What is on the screen counts as looked at. */
let told = "";
async function looked() {
  const one = thread();
  if (!one || document.visibilityState !== "visible" || Number(one.dataset.unread) === 0) return;
  const what = `${one.id}:${one.dataset.last}`;
  if (what === told) return;
  told = what;
  try {
    await fetch(one.dataset.seen, { method: "POST", headers: { "X-CSRF-Token": csrf }, body: new URLSearchParams({ upto: one.dataset.last }) });
  } catch {
    told = "";
  }
}
document.addEventListener("visibilitychange", looked);

document.body.addEventListener("htmx:sseBeforeMessage", remember);
document.body.addEventListener("htmx:beforeSwap", remember);
document.body.addEventListener("htmx:sseMessage", () => { settle(); beginComposer(); });
document.body.addEventListener("htmx:afterSwap", () => { settle(); beginComposer(); });

/* A dialog never shows what it was asked for before. */
const act = document.getElementById("act");
const waiting = act?.querySelector("#act-body").innerHTML;
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target?.id === "act-body" && detail.requestConfig.verb === "get") detail.target.innerHTML = waiting;
});
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.target?.id === "act-body" && detail.requestConfig.verb === "get") act.close();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-card]")) panes.classList.toggle(matchMedia("(max-width: 1180px)").matches ? "with-card" : "without-card");
});

/* Search while typing, Enter for the page; filters are chosen and shown. */
const find = document.getElementById("find");
let sought;
find?.addEventListener("input", ({ target }) => {
  if (target.name !== "words") return;
  clearTimeout(sought);
  sought = setTimeout(() => find.requestSubmit(), 350);
});
find?.addEventListener("submit", (event) => {
  if (!window.htmx) return;
  event.preventDefault();
  const said = [...new FormData(find)].filter(([, value]) => value !== "");
  const query = `?${new URLSearchParams(said)}`;
  const path = `${document.body.dataset.base}/inbox`;
  filtered(event.submitter);
  htmx.ajax("GET", `${path}${query}`, { source: panes, target: panes, swap: "none" });
  history.replaceState({}, "", `${path}${query}`);
});

/* The menu closes, and says from outside that something in it is set. */
function filtered(pressed) {
  const menu = document.getElementById("filters");
  const button = menu.querySelector("summary");
  const set = [...menu.querySelectorAll("select")].filter((one) => one.value).length;
  menu.open = false;
  button.classList.toggle("set", set > 0);
  button.setAttribute("aria-label", set ? `Filters, ${set} set` : "Filters");
  if (menu.contains(pressed)) button.focus();
}

/* Keys. */
const rows = () => [...document.querySelectorAll(".row")];
function step(by) {
  const all = rows();
  if (!all.length) return;
  const focused = all.indexOf(document.activeElement);
  const from = focused >= 0 ? focused : all.findIndex((one) => one.hasAttribute("aria-current"));
  const to = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  to.focus();
  to.scrollIntoView({ block: "nearest" });
}
const press = (id) => document.getElementById(id)?.click();
const write = (kind) => composer()?.dispatchEvent(new CustomEvent("writes", { detail: kind }));

shortcut("j", "Next conversation", () => step(1));
shortcut("k", "Conversation before", () => step(-1));
shortcut("r", "Reply", () => write("reply"));
shortcut("n", "Note", () => write("note"));
shortcut("t", "Take, or reopen", () => press("do-take"));
shortcut("h", "Hand back to the desk", () => press("do-hand-back"));
shortcut("e", "Resolve", () => press("do-resolve"));
shortcut("a", "Assign", () => press("do-assign"));
shortcut("/", "Search", () => find?.querySelector("[name=words]").focus());
shortcut("Escape", "Close the conversation", () => {
  if (!document.querySelector("details.menu[open]")) document.querySelector(".talk-head .back")?.click();
});

settle();
beginComposer();
