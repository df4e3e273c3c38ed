// What every page of the console does by itself: toasts, menus, dialogs, keys, colours, times, live or not.

import { beginBell } from "./bell.js";
import { helpInto, shortcut } from "./keys.js";
import { beginPresence } from "./presence.js";
import { finishTimes } from "./times.js";
import { toast } from "./toast.js";

const base = document.body.dataset.base;

/* Toasts: from an answer's header, and over a redirect by a cookie that is read once. */
document.body.addEventListener("toast", ({ detail }) => toast(detail.text, detail.tone));
document.body.addEventListener("htmx:sendError", () => toast("No connection. Nothing was changed; try again.", "wrong"));
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Trigger")) toast("That did not work. Try again.", "wrong");
});
const said = document.cookie.match(/(?:^|; )frontdesk-said=([^;]*)/);
if (said) {
  document.cookie = "frontdesk-said=; path=/console; max-age=0";
  toast(decodeURIComponent(said[1].replaceAll('"', "")));
}

/* Menus close when something else is meant. */
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", ({ target }) => {
  for (const menu of menus()) if (!menu.contains(target) || target.closest(".menu-list a, .menu-list button:not([aria-pressed])")) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* Dialogs, copying, colours. */
document.addEventListener("click", async ({ target }) => {
  const opens = target.closest("[data-opens]");
  if (opens) open(opens.dataset.opens);
  if (target.closest("[data-closes]") || (target.nodeName === "DIALOG" && target.open)) target.closest("dialog").close();
  const copies = target.closest("[data-copies]");
  if (copies) await copy(document.getElementById(copies.dataset.copies));
  const choice = target.closest("[data-theme-choice]");
  if (choice) colours(choice.dataset.themeChoice);
});

document.body.addEventListener("closes", ({ detail }) => document.getElementById(detail.dialog)?.close());

/* A question before what cannot be undone, in our own dialog. */
document.body.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = event.detail.question;
  const yes = dialog.querySelector(".yes");
  yes.textContent = event.detail.elt.dataset.yes ?? "Yes, do it";
  yes.onclick = () => {
    dialog.close();
    event.detail.issueRequest(true);
  };
  dialog.showModal();
});

function open(id) {
  const dialog = document.getElementById(id);
  if (id === "keys") helpInto(dialog.querySelector(".keys"));
  dialog.showModal();
}

async function copy(input) {
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    toast("Copied");
  } catch {
    toast("Press Ctrl-C to copy", "done");
  }
}

function colours(theme) {
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? 31536000 : 0}; samesite=lax`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
}

/* Keys. */
shortcut("?", "This list", () => open("keys"), "Everywhere");
for (const link of document.querySelectorAll(".side nav a[data-key]")) {
  shortcut(link.dataset.key, `Go to ${link.querySelector("span").textContent}`, () => location.assign(link.href), "Everywhere");
}

/* Whether the page's stream is there, shown by whatever has class "live". */
const live = (state, words) => {
  document.body.dataset.live = state;
  for (const sign of document.querySelectorAll(".live")) {
    sign.dataset.state = state;
    sign.textContent = words;
  }
};
document.body.addEventListener("htmx:sseOpen", () => live("open", "Live"));
document.body.addEventListener("htmx:sseError", () => live("lost", "Reconnecting"));

/* A desk's own colour, and times as the reader writes them; also in what htmx brings. */
function finish(root) {
  for (const one of root.querySelectorAll("[data-accent]")) one.style.setProperty("--accent", one.dataset.accent);
  finishTimes(root);
}
document.body.addEventListener("htmx:load", ({ detail }) => finish(detail.elt.parentElement ?? document));
document.body.addEventListener("htmx:sseMessage", ({ target }) => finish(target.parentElement ?? document));
finish(document);
beginPresence();
beginBell();
setInterval(() => finishTimes(document), 30_000);

export { base, shortcut, toast };
