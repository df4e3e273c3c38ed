// Keys of tickets and runs, and filters that are sent as soon as they are chosen.
import { shortcut } from "./keys.js";

for (const form of document.querySelectorAll("form[data-sends]")) form.addEventListener("change", () => form.requestSubmit());

const rows = () => [...document.querySelectorAll("[data-rows] > li")];

function choose(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("chosen"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all.forEach((row) => row.classList.toggle("chosen", row === next));
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const listed = document.querySelector("#tickets") ? "ticket" : document.querySelector("#runs") ? "run" : "";
if (listed) {
  shortcut("j", `Next ${listed}`, () => choose(1));
  shortcut("k", `The ${listed} before`, () => choose(-1));
}

if (document.querySelector("#ticket-body")) {
  shortcut("t", "Take it", () => document.querySelector("[data-take]")?.click());
  shortcut("e", "Solve it", () => document.querySelector("[data-solve]")?.click());
  shortcut("n", "Note something", () => document.querySelector("#note")?.focus());
  shortcut("o", "Open the conversation", () => document.querySelector("[data-key-o]")?.click());
}
