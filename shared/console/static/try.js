// The try page around the widget: what each turn did, which version answers, and starting over.

import { drawTurn, drawWorking } from "./turns.js";

const main = document.querySelector("main");
const { desk } = main.dataset;
const list = document.querySelector("#turns ol");
const older = document.querySelector("#older");
const person = document.querySelector("#person");
let conversation = JSON.parse(localStorage.getItem(`frontdesk:${desk}`) ?? "null")?.conversation ?? null;
let cursor = null;

const widget = () => document.querySelector("frontdesk-chat");

async function turns(after) {
  const query = new URLSearchParams({ desk, limit: 10, ...(after && { cursor: after }) });
  const response = await fetch(`/api/v1/conversations/${conversation}/turns?${query}`);
  return response.ok ? response.json() : { items: [], cursor: null };
}

function drawn(receipts, firstOpen) {
  return receipts.map((receipt, index) => drawTurn(receipt, firstOpen && index === 0));
}

/** Draws the newest turns again; what was opened by hand stays open, the newest of before does not. */
async function refresh() {
  if (!list || !conversation) return;
  const asked = conversation;
  const page = await turns();
  if (asked !== conversation) return; // started over meanwhile
  const newest = list.querySelector(".turn");
  const opened = [...list.querySelectorAll(".turn[open], .step[open]")].filter((one) => one !== newest).map((one) => one.id).filter(Boolean);
  const known = list.querySelectorAll(".turn").length > page.items.length;
  const shown = new Set(page.items.map(({ turn }) => `turn-${turn}`));
  const rest = [...list.querySelectorAll(".turn")].filter(({ id }) => !shown.has(id));
  list.replaceChildren(...drawn(page.items, true), ...rest);
  for (const id of opened) if (document.getElementById(id)) document.getElementById(id).open = true;
  document.querySelector("#turns .empty").hidden = page.items.length > 0;
  if (!known) {
    cursor = page.cursor;
    older.hidden = !cursor;
  }
}

function showVersion({ version, problems }) {
  const label = document.querySelector("#version");
  const words = version ? `Version ${version}` : "Not published";
  if (label.textContent !== words) {
    label.textContent = words;
    label.classList.add("new");
    setTimeout(() => label.classList.remove("new"), 2500);
  }
  const broken = document.querySelector("#broken");
  const [first] = problems;
  broken.hidden = !first;
  const more = problems.length > 1 ? ` And ${problems.length - 1} more, all on the first page.` : "";
  if (first) broken.textContent = `${first.file}, line ${first.line}: ${first.found}; ${first.fix}.${more} Version ${version} still answers.`;
}

/** Whoever sees this panel may hand back while nobody owns the installation; after that the console is the place. */
async function handBack() {
  const response = await fetch(`/api/v1/conversations/${conversation}/hand-back?${new URLSearchParams({ desk })}`, { method: "POST" });
  if (response.ok || response.status === 409) person.hidden = true; // 409: it was handed back elsewhere
  else {
    const console_ = Object.assign(document.createElement("a"), { href: "/console/", textContent: "Open the console" });
    person.firstElementChild.replaceChildren(`${(await response.json()).detail} `, console_);
  }
}

function view(name) {
  main.dataset.view = name;
  for (const tab of document.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.id === `tab-${name}`));
}

for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => view(tab.id.slice(4)));

document.querySelector("#start-over").addEventListener("click", () => {
  conversation = null;
  list?.replaceChildren();
  if (person) person.hidden = true;
  if (list) document.querySelector("#turns .empty").hidden = false;
  view("chat");
  widget()?.dispatchEvent(new Event("frontdesk:start-over"));
});

if (list) {
  document.addEventListener("frontdesk:conversation", ({ detail }) => {
    conversation = detail.conversation_id;
  });
  document.addEventListener("frontdesk:typing", ({ detail }) => {
    list.querySelector(".working")?.remove();
    if (detail.on) list.prepend(drawWorking());
  });
  document.addEventListener("frontdesk:message", ({ detail }) => detail.from !== "customer" && refresh());
  document.addEventListener("frontdesk:status", refresh);
  document.addEventListener("frontdesk:handover", ({ detail }) => (person.hidden = !detail.active));
  document.querySelector("#hand-back").addEventListener("click", handBack);
  older.addEventListener("click", async () => {
    const page = await turns(cursor);
    list.append(...drawn(page.items, false));
    cursor = page.cursor;
    older.hidden = !cursor;
  });
  new EventSource("/api/v1/desks/events").addEventListener("board", ({ data }) => {
    const state = JSON.parse(data).items.find((one) => one.desk === desk);
    if (state) showVersion(state);
  });
  refresh();
}
