// A word that appears, is read out, and goes.

const STAYS = { done: 4000, wrong: 9000 };

/** Shows a toast; `tone` is "done" or "wrong". */
export function toast(text, tone = "done") {
  const shown = document.createElement("div");
  shown.className = `toast ${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => shown.remove());
  shown.append(words, close);
  const toasts = document.getElementById("toasts");
  while (toasts.children.length > 2) toasts.firstChild.remove();
  toasts.append(shown);
  setTimeout(() => shown.remove(), STAYS[tone] ?? STAYS.done);
}
