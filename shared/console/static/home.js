// Keeps the home page true while files are edited: the server draws it, this swaps it in.

const parser = new DOMParser();

/** What only the browser can do: each desk's own colour, and times as the reader writes them. */
function finish() {
  for (const card of document.querySelectorAll("[data-accent]")) card.style.setProperty("--accent", card.dataset.accent);
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
  for (const time of document.querySelectorAll("time")) time.textContent = format.format(new Date(time.dateTime));
}

let drawn = document.querySelector("#board").innerHTML;

new EventSource("/api/v1/desks/events").addEventListener("board", async () => {
  const response = await fetch("/");
  if (!response.ok) return;
  const page = parser.parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("#board").innerHTML;
  if (fresh === drawn) return;
  drawn = fresh;
  const { scrollY } = window;
  document.querySelector("#board").replaceWith(document.adoptNode(page.querySelector("#board")));
  document.querySelector(".model").replaceWith(document.adoptNode(page.querySelector(".model")));
  finish();
  scrollTo(0, scrollY);
});

finish();
