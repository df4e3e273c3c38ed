// Keeps the home page true while files are edited: the server draws it, this swaps it in.

const parser = new DOMParser();

function localise() {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
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
  document.querySelectorAll(".face .mark").forEach((mark) => mark.style.setProperty("--accent", mark.dataset.accent));
  localise();
  scrollTo(0, scrollY);
});

localise();
