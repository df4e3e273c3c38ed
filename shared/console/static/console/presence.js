// Says that this console is open, and what its reader says they are; without an answer nothing is shown.

import { toast } from "./toast.js";

const EVERY = 30_000; // a colleague without a sign of life for 90 s counts as gone

const base = document.body.dataset.base;
const headers = {
  "X-CSRF-Token": document.querySelector("meta[name=csrf]").content,
  "Content-Type": "application/x-www-form-urlencoded",
};

async function post(path, body) {
  try {
    const response = await fetch(`${base}${path}`, { method: "POST", headers, body });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // the next beat tries again
  }
}

function show({ presence, words }) {
  document.querySelector(".me > summary .avatar").dataset.presence = presence;
  for (const button of document.querySelectorAll("[data-presence-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.presenceChoice === presence));
  }
  if (words) toast(words);
}

async function beat() {
  const told = await post("/presence/beat", "");
  if (told) show(told);
}

/** Begins the beats, and listens to the menu's buttons. */
export function beginPresence() {
  document.addEventListener("click", async ({ target }) => {
    const choice = target.closest("[data-presence-choice]");
    if (!choice) return;
    const told = await post("/presence", new URLSearchParams({ presence: choice.dataset.presenceChoice }));
    if (told) show(told);
    else toast("That was not kept. Try again.", "wrong");
  });
  beat();
  setInterval(beat, EVERY);
}
