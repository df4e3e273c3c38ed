// Keys that do something anywhere on the page, and the list of them. Typing into a field is never a shortcut.

const known = new Map();
let before = "";

/** `keys` is "r", or "g i" for two in a row; `group` is the heading it is listed under. */
export function shortcut(keys, words, action, group = "This page") {
  known.set(keys, { words, action, group });
}

const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const key = event.key;
  const found = known.get(before ? `${before} ${key}` : key) ?? known.get(key);
  const first = !before && [...known.keys()].some((keys) => keys.startsWith(`${key} `));
  before = first ? key : "";
  if (first) setTimeout(() => { before = ""; }, 1500);
  if (!found || first) return;
  event.preventDefault();
  found.action(event);
});

/** Writes the list of keys into a definition list. */
export function helpInto(list) {
  const rows = [...known].sort(([, one], [, other]) => Number(one.group === "Everywhere") - Number(other.group === "Everywhere"));
  list.replaceChildren(...rows.flatMap(([keys, { words }]) => {
    const term = document.createElement("dt");
    term.textContent = words;
    const means = document.createElement("dd");
    keys.split(" ").forEach((key, index) => {
      if (index) means.append("then");
      const cap = document.createElement("kbd");
      cap.textContent = key === "Escape" ? "Esc" : key;
      means.append(cap);
    });
    return [term, means];
  }));
}
