// A caller waits on the line for the reader: told at once, with a sound, until they come or somebody else does.

import { Ringing } from "./ringing.js";

const AGAIN = 4000; // ms after which it is asked whether they still wait
const LASTS = 30_000; // ms it rings; a caller who waits longer is asked for anew
const FRESH = 60_000; // ms after which a notice is no news any more

const ringing = new Ringing();
let timers = [];

function quiet() {
  timers.forEach(clearInterval);
  ringing.play("");
  document.getElementById("caller-waits")?.remove();
}

/** Rings for the newest of some notices that ring, given as links of the bell; none is silence. `look` reads them anew. */
export function callerWaits(notices, { seen, look }) {
  const newest = notices.find((one) => Date.now() - new Date(one.dataset.at) < FRESH);
  const shown = document.getElementById("caller-waits");
  if (!newest) return quiet();
  if (shown?.dataset.notice === newest.dataset.notice) return;
  quiet();
  const box = Object.assign(document.createElement("div"), { id: "caller-waits" });
  box.dataset.notice = newest.dataset.notice;
  box.setAttribute("role", "alert");
  box.setAttribute("aria-label", newest.querySelector("b").textContent);
  const words = document.createElement("p");
  words.append(Object.assign(document.createElement("b"), { textContent: newest.querySelector("b").textContent }), newest.querySelector("small")?.cloneNode(true) ?? "");
  const open = Object.assign(document.createElement("a"), { className: "button primary", href: newest.href, textContent: "Open the call" });
  open.addEventListener("click", () => seen([newest.dataset.notice]));
  const later = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Not now" });
  later.addEventListener("click", () => {
    seen([newest.dataset.notice]);
    quiet();
  });
  box.append(words, open, later);
  document.body.append(box);
  try {
    ringing.wake();
    ringing.play("ringing");
  } catch { /* a browser without sound still shows it */ }
  timers = [setInterval(look, AGAIN), setTimeout(quiet, LASTS)];
}
