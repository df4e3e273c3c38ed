// The bell: what its reader is told, on every page; and by their browser while they look elsewhere.

import { callerWaits } from "./caller_waits.js";
import { finishTimes } from "./times.js";

const base = document.body.dataset.base;
const csrf = document.querySelector("meta[name=csrf]").content;
const bell = document.querySelector(".bell");
const list = bell.querySelector(".notices");
const button = bell.querySelector("[data-tells]");
const why = bell.querySelector("[data-tells-why]");
const TELLS = "frontdesk-tells"; // "yes" where its reader wants this browser's own notifications
const NEWEST = `frontdesk-told:${base}`; // when the newest happened that some page of this browser had
const REFUSED = "This browser refuses notifications of this site. To change it, open the site's settings beside the address, allow notifications there, and load this page again.";
const UNABLE = "This browser shows no notifications of a page. One on a computer does.";

const fresh = () => [...list.querySelectorAll("[data-new]")];
const opened = new Set(); // what was new when the menu was opened stays marked until it closes
let drawn = "";

async function read() {
  try {
    const response = await fetch(`${base}/notices`);
    if (response.ok && !response.redirected) show(await response.text());
  } catch {
    // the stream that comes back says it again
  }
}

function show(html) {
  if (html !== drawn) {
    drawn = html;
    list.innerHTML = html;
    finishTimes(list);
  }
  count();
  tell();
  look();
  callerWaits(fresh().filter((one) => "rings" in one.dataset && location.pathname !== one.pathname), { seen, look: read });
}

function count() {
  const number = fresh().length;
  bell.querySelector(".count").textContent = number > 9 ? "9+" : number || "";
  bell.querySelector("summary").setAttribute("aria-label", number ? `Notices: ${number} new` : "Notices");
}

/* What the open menu shows is seen. */
function look() {
  if (!bell.open) return;
  const ids = fresh().map((one) => one.dataset.notice);
  for (const id of ids) opened.add(id);
  for (const one of list.querySelectorAll("[data-notice]")) one.classList.toggle("new", opened.has(one.dataset.notice));
  if (ids.length) seen(ids);
}

async function seen(ids) {
  const body = new URLSearchParams(ids.map((id) => ["notice", id]));
  try {
    await fetch(`${base}/notices/seen`, { method: "POST", headers: { "X-CSRF-Token": csrf }, body, keepalive: true });
  } catch {
    // they stay new, and are seen at the next opening
  }
}

/* The browser's own notifications. */
const able = () => "Notification" in window;
const tells = () => able() && Notification.permission === "granted" && localStorage.getItem(TELLS) === "yes";

function tell() {
  const newest = localStorage.getItem(NEWEST);
  const came = fresh().filter((one) => newest !== null && one.dataset.at > newest);
  const last = list.querySelector("[data-at]")?.dataset.at ?? "";
  if (last >= (newest ?? "")) localStorage.setItem(NEWEST, last);
  if (document.hidden && tells()) for (const one of came.reverse()) notify(one);
}

async function notify(one) {
  const { notice } = one.dataset;
  const title = one.querySelector("b").textContent;
  const options = {
    body: one.querySelector("small")?.textContent ?? "",
    tag: notice,
    requireInteraction: "rings" in one.dataset,
    data: { href: one.href, base, notice },
  };
  try {
    const shows = await worker();
    if (shows) await shows.showNotification(title, options);
    else new Notification(title, options).onclick = ({ target }) => {
      window.focus();
      target.close();
      follow(options.data);
    };
  } catch {
    localStorage.removeItem(TELLS); // some phones show none of a page's
    offer(UNABLE);
  }
}

function follow({ href, notice }) {
  seen([notice]);
  location.assign(href);
}

/* Phones show notifications of a service worker alone; where there is none, the page shows its own. */
let registered;
function worker() {
  registered ??= navigator.serviceWorker?.register("/console/worker.js").then(() => navigator.serviceWorker.ready).catch(() => null);
  return registered;
}
navigator.serviceWorker?.addEventListener("message", ({ data }) => follow(data));

function offer(words = "") {
  const told = !able() ? UNABLE : Notification.permission === "denied" ? REFUSED : words;
  button.hidden = told !== "";
  button.setAttribute("aria-pressed", String(tells()));
  why.hidden = told === "";
  why.textContent = told;
}

async function choose() {
  if (tells()) localStorage.removeItem(TELLS);
  else if ((await Notification.requestPermission()) === "granted") {
    localStorage.setItem(TELLS, "yes");
    worker(); // ready before the first is shown
  }
  offer();
}

/* Word comes by the page's stream. Pages without one share a stream: browsers open few of them. */
function listen() {
  document.body.addEventListener("htmx:sseOpen", ({ detail }) => detail.source.addEventListener("notices", read));
  if (document.querySelector("[sse-connect]")) return;
  const name = `frontdesk-notices:${base}`;
  const others = new BroadcastChannel(name);
  others.addEventListener("message", read);
  const heard = () => {
    others.postMessage("notices");
    read();
  };
  if (navigator.locks) navigator.locks.request(name, () => new Promise(() => open(heard)));
  else open(heard);
  read();
}

function open(heard) {
  const stream = new EventSource(`${base}/notices/events`);
  stream.addEventListener("notices", heard);
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => open(heard), 15_000);
  });
}

/** Shows the bell and keeps it true. */
export function beginBell() {
  bell.hidden = false;
  bell.addEventListener("toggle", () => {
    opened.clear();
    look();
    offer();
  });
  button.addEventListener("click", choose);
  offer();
  listen();
}
