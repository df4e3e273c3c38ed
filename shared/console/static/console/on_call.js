// A colleague on a customer's call: listening unheard, or speaking, in the page of the conversation.

import { Call } from "./call.js";
import { askForMicrophone } from "./microphone.js";
import { toast } from "./toast.js";

const csrf = document.querySelector("meta[name=csrf]").content;
const WHY = {
  refused: "The microphone is not allowed. Open the site's settings beside the address, allow it, and join again.",
  missing: "No microphone was found. Plug one in, and join again.",
  busy: "The microphone cannot be used; another program may have it. Close that, and join again.",
  insecure: "A browser gives its microphone only to https addresses. Open the console by one.",
  unable: "This browser cannot carry calls. Use a current Chrome, Edge, Firefox or Safari.",
};
const SPEAKS = "You speak with the caller; the desk is silent.";
const LISTENS = "You listen. Nobody on the call knows.";

let line = null; // { call, id, conversation, name, speaks, microphone, muted }
let asking = false;
let left = ""; // why the reader is off the line, until they go on it again

const panel = () => document.querySelector("[data-call]");
const part = (name) => panel()?.querySelector(`[data-does="${name}"]`);

/** Draws the panel's buttons as the line is; the panel of another call offers to begin. */
function draw(told = null) {
  const here = panel();
  floating();
  if (!here) return;
  const ours = line?.id === here.dataset.call ? line : null;
  const show = (name, on) => part(name) && (part(name).hidden = !on);
  show("listen", !ours);
  show("join", !ours?.speaks);
  show("mute", ours?.speaks);
  show("leave", Boolean(ours));
  for (const name of ["listen", "join"]) part(name).disabled = asking;
  part("join").querySelector("span").textContent = here.dataset.mine && !ours?.speaks ? "Speak again" : "Join the call";
  part("leave").querySelector("span").textContent = ours?.speaks ? "Leave the line" : "Stop listening";
  part("mute").setAttribute("aria-pressed", String(Boolean(ours?.muted)));
  part("mute").querySelector("span").textContent = ours?.muted ? "Unmute" : "Mute";
  here.querySelector(".meters").hidden = !ours;
  here.classList.toggle("speaks", Boolean(ours?.speaks));
  const sign = here.querySelector(".on-call-told");
  const words = told ?? (ours ? (ours.speaks ? (ours.muted ? "You are muted." : SPEAKS) : LISTENS) : left);
  if (sign.textContent !== words) sign.textContent = words;
}

/** While the reader looks elsewhere in the inbox, the line stays and says so. */
function floating() {
  const away = line && panel()?.dataset.call !== line.id;
  let bar = document.getElementById("line-away");
  if (!away) return bar?.remove();
  if (!bar) {
    bar = document.createElement("div");
    bar.id = "line-away";
    bar.setAttribute("role", "status");
    document.body.append(bar);
  }
  const back = Object.assign(document.createElement("a"), { href: `${document.body.dataset.base}/inbox/${line.conversation}`, textContent: `${line.speaks ? "On the line with" : "Listening to"} ${line.name}`, className: "button small" });
  back.addEventListener("click", (event) => {
    if (!window.htmx) return;
    event.preventDefault();
    htmx.ajax("GET", back.href, { source: document.getElementById("panes"), swap: "none" }).then(() => history.pushState({}, "", back.href));
  });
  const leave = Object.assign(document.createElement("button"), { type: "button", textContent: line.speaks ? "Leave the line" : "Stop", className: "button small danger" });
  leave.addEventListener("click", () => hangUp());
  bar.replaceChildren(back, leave);
}

async function library(address) {
  if (window.LivekitClient) return;
  await new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: address, onload: resolve, onerror: () => reject(new Error("The browser library of calls is missing: run .ci/assets and load this page again.")) });
    document.head.append(script);
  });
}

/** Asks our own door; its refusal is words for people. */
async function ask(address) {
  const response = await fetch(address, { method: "POST", headers: { "X-CSRF-Token": csrf, "HX-Request": "true" } });
  if (response.ok) return response.json();
  let words = "That did not work. Try again.";
  try {
    words = JSON.parse(response.headers.get("HX-Trigger")).toast.text;
  } catch { /* the words above say it */ }
  throw new Error(words);
}

async function begin(speaks) {
  const here = panel();
  if (!here || asking) return;
  const { call: id, conversation, name } = here.dataset;
  asking = true;
  left = "";
  draw(speaks ? "Allow the microphone in the box your browser shows." : "Joining…");
  let microphone = null;
  try {
    if (speaks) microphone = await askForMicrophone();
    if (speaks) draw("Joining…");
    await library(here.dataset.library);
    const token = await ask(speaks ? here.dataset.join : here.dataset.listen);
    await hangUp({ quiet: true });
    const call = new Call();
    line = { call, id, conversation, name, speaks, microphone, muted: false };
    hear(call);
    await call.join(token, microphone);
    asking = false;
    draw();
  } catch (error) {
    microphone?.stop();
    asking = false;
    line = null;
    const words = WHY[error.why] ?? (error.message && !error.code && !error.name?.startsWith("Connection") ? error.message : "The line could not be reached. Check your network and try again.");
    toast(words, "wrong");
    draw("");
  }
}

function hear(call) {
  call.addEventListener("line", ({ detail }) => {
    if (line?.call !== call || asking) return;
    if (detail.state === "mending") draw("The connection is weak. Reconnecting…");
    else if (detail.state === "open") draw();
    else ended();
  });
  call.addEventListener("level", ({ detail }) => {
    for (const [name, level] of [["caller", detail.caller], ["desk", detail.others]]) {
      panel()?.querySelector(`[data-meter=${name}]`)?.style.setProperty("--level", Math.min(1, level * 4).toFixed(2));
    }
  });
  call.addEventListener("deaf", () => toast("Your microphone stopped. Check it, then leave the line and speak again.", "wrong"));
  call.addEventListener("blocked", ({ detail }) => detail.blocked && document.addEventListener("click", () => call.sound(), { once: true }));
}

/** The line closed and we did not close it. */
function ended() {
  line?.microphone?.stop();
  line = null;
  toast("The call is over.");
  draw();
}

async function hangUp({ quiet = false } = {}) {
  const ours = line;
  line = null;
  ours?.microphone?.stop();
  await ours?.call.leave();
  if (!quiet) draw();
}

/** Handing back, or being relieved, takes the microphone off the line. */
function relieved() {
  const here = panel();
  if (line?.speaks && !asking && here?.dataset.call === line.id && !here.dataset.mine && line.took) {
    hangUp({ quiet: true });
    left = "The conversation is no longer yours; your microphone is off the line.";
  }
  if (line?.speaks && here?.dataset.call === line.id && here.dataset.mine) line.took = true;
  draw();
}

document.addEventListener("click", async ({ target }) => {
  const does = target.closest("[data-does]")?.dataset.does;
  if (does === "listen") begin(false);
  if (does === "join") begin(true);
  if (does === "leave") hangUp();
  if (does === "mute") {
    line.muted = !line.muted;
    draw();
    await line.call.mute(line.muted);
  }
});
document.body.addEventListener("htmx:sseMessage", relieved);
document.body.addEventListener("htmx:afterSwap", relieved);
addEventListener("beforeunload", (event) => line?.speaks && event.preventDefault());
draw();
