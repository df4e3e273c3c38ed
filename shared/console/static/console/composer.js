// The composer: drafts that stay, sending with the keyboard, files, saved replies, suggestions, the window.

import { toast } from "./toast.js";

const csrf = document.querySelector("meta[name=csrf]").content;
const begun = new WeakSet();

/** The composer of the open conversation, if there is one. */
export const composer = () => document.querySelector(".composer");

const identity = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

/** Brings the composer on the page to life, once. */
export function beginComposer() {
  windowLeft();
  for (const form of document.querySelectorAll("form:has([name=client_id])")) {
    const id = form.elements.client_id;
    if (!id.value) id.value = identity();
  }
  const form = composer();
  if (!form || begun.has(form)) return;
  begun.add(form);
  const text = form.elements.text;
  const draft = `draft-${form.id}`; // by conversation, and whether a reply may be sent: none becomes a note
  text.value ||= sessionStorage.getItem(draft) ?? "";

  text.addEventListener("input", () => {
    if (text.value) sessionStorage.setItem(draft, text.value);
    else sessionStorage.removeItem(draft);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "/" && !text.value && kindOf(form) === "reply") {
      event.preventDefault();
      saved(form);
    } else if (event.key === "Escape") text.blur();
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name === "kind") dress(form);
    if (target.type === "file") attachAll(form, target);
  });
  form.addEventListener("writes", ({ detail }) => {
    const wanted = form.querySelector(`[name=kind][value=${detail}]`);
    if (wanted) wanted.checked = true;
    dress(form);
    text.focus();
  });
  form.addEventListener("click", ({ target }) => {
    const reply = target.closest("[data-canned-text]");
    if (reply) insert(form, reply.dataset.cannedText);
    if (target.closest("[data-suggests]")) suggest(form, target.closest("[data-suggests]"));
  });
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("over", over);
      if (name === "drop") for (const file of event.dataTransfer.files) attach(form, file);
    });
  }
  text.addEventListener("paste", ({ clipboardData }) => {
    for (const file of clipboardData.files) attach(form, file);
  });
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== form) return; // saved replies and templates are asked for from within
    const files = form.querySelector(".attached").children.length;
    const going = form.querySelector(".attached [data-going]");
    if (going) toast("A file is still on its way; send in a moment.", "wrong");
    if (going || (!text.value.trim() && !files)) event.preventDefault();
  });
  form.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target !== form || !detail.successful) return;
    text.value = "";
    sessionStorage.removeItem(draft);
    form.elements.client_id.value = identity();
    form.querySelector(".attached").replaceChildren();
  });
}

const kindOf = (form) => form.querySelector("[name=kind]:checked")?.value;

function dress(form) {
  const note = kindOf(form) === "note";
  form.elements.text.placeholder = form.elements.text.dataset[note ? "note" : "reply"];
  form.querySelector("[data-sends] span").textContent = note ? "Add note" : "Send";
}

function insert(form, words) {
  const text = form.elements.text;
  text.focus();
  text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input"));
}

function saved(form) {
  const menu = form.querySelector("[data-canned]");
  if (!menu) return;
  menu.open = true;
  const first = () => menu.querySelector("[data-canned-text]")?.focus();
  first();
  menu.addEventListener("htmx:afterSwap", first, { once: true });
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-canned][open] .menu-list");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const next = event.key === "ArrowDown" ? event.target.nextElementSibling : event.target.previousElementSibling;
  next?.focus();
});

async function suggest(form, button) {
  button.disabled = true;
  button.classList.add("htmx-request");
  try {
    const response = await fetch(form.dataset.suggest, { method: "POST", headers: { "X-CSRF-Token": csrf, "HX-Request": "true" } });
    if (response.ok) insert(form, (await response.json()).text);
    else toast(reason(response), "wrong");
  } catch {
    toast("No connection. Try again.", "wrong");
  }
  button.disabled = false;
  button.classList.remove("htmx-request");
}

function reason(response) {
  try {
    return JSON.parse(response.headers.get("HX-Trigger")).toast.text;
  } catch {
    return "That did not work. Try again.";
  }
}

/* Files go up one by one, each shown until the message is sent. */
function attachAll(form, input) {
  for (const file of input.files) attach(form, file);
  input.value = "";
}

async function attach(form, file) {
  const row = document.createElement("li");
  row.dataset.going = "";
  row.textContent = `${file.name} …`;
  form.querySelector(".attached").append(row);
  let words = "No connection; choose the file again.";
  try {
    const response = await fetch(form.dataset.files, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf, "HX-Request": "true", "X-File-Name": encodeURIComponent(file.name), "Content-Type": file.type || "application/octet-stream" },
      body: file,
    });
    if (response.ok) {
      const kept = await response.json();
      row.append(hidden("files", kept.id));
      words = "";
    } else words = reason(response);
  } catch { /* the words say it */ }
  delete row.dataset.going;
  row.firstChild.textContent = words || file.name;
  row.classList.toggle("wrong", Boolean(words));
  if (words) toast(words, "wrong");
  row.append(removing(row, file.name));
}

function hidden(name, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  return input;
}

function removing(row, name) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "×" });
  button.setAttribute("aria-label", `Remove ${name}`);
  button.addEventListener("click", () => row.remove());
  return button;
}

/* How long free words may still be sent, where the channel has an end to it. */
function windowLeft() {
  for (const one of document.querySelectorAll("[data-closes-at]")) {
    const minutes = Math.floor((new Date(one.dataset.closesAt) - Date.now()) / 60_000);
    one.hidden = minutes > 8 * 60;
    one.classList.toggle("soon", minutes <= 120);
    const left = minutes >= 120 ? `${Math.floor(minutes / 60)} hours` : minutes > 1 ? `${minutes} minutes` : "a minute";
    one.querySelector("span").textContent = minutes < 0 ? "The reply window has closed; only a template goes now." : `Free words can be sent for ${left} more; then only a template goes.`;
  }
}
setInterval(windowLeft, 20_000);
