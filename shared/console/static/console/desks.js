// The editor's line numbers, jumping to a line that was found wrong, and the fields of each kind of fix.

const writing = document.querySelector(".writing textarea");

if (writing) {
  const gutter = document.querySelector(".gutter");
  let shown = -1;
  const number = () => {
    const lines = writing.value.split("\n").length;
    if (lines === shown) return;
    shown = lines;
    gutter.textContent = Array.from({ length: lines }, (_, at) => at + 1).join("\n") + "\n\n\n";
  };
  writing.addEventListener("input", number);
  writing.addEventListener("scroll", () => { gutter.scrollTop = writing.scrollTop; });
  number();

  const saved = writing.value;
  let leaving = false;
  writing.form.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => { if (!leaving && writing.value !== saved) event.preventDefault(); });

  document.addEventListener("click", (event) => {
    const line = Number(event.target.closest("[data-line]")?.dataset.line);
    if (!line) return;
    const before = writing.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = writing.value.indexOf("\n", before);
    writing.focus();
    writing.setSelectionRange(before, end < 0 ? writing.value.length : end);
    writing.scrollTop = (line - 4) * parseFloat(getComputedStyle(writing).lineHeight);
  });
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-kind]")) return;
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== event.target.value;
});
