// The thread of messages: what is shown, in which order, and nothing twice.

import { ICONS, h, icon, linked } from "./dom.js";

const UNPLACED = Number.MAX_SAFE_INTEGER; // not recorded yet: after everything that is

export class Thread {
  #say;
  #name;
  #entries = new Map(); // message_id or client_message_id -> { element, message }
  #clock;
  #day;
  #load;
  #onRetry;

  constructor({ say, name, language, load, onRetry }) {
    this.#say = say;
    this.#name = name;
    this.#load = load;
    this.#onRetry = onRetry;
    this.#clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.#day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": say("chat", { name }) });
    this.dots = h("div", { class: "bubble desk dots", role: "status", "aria-label": say("typing", { name }), hidden: true }, h("i"), h("i"), h("i"));
    this.element = h("div", { class: "thread", tabindex: "0" }, this.log, this.dots);
  }

  has(id) {
    return this.#entries.has(id);
  }

  /** Whether the message is shown whole, not as a partial answer. */
  isFinal(id) {
    const entry = this.#entries.get(id);
    return Boolean(entry && !entry.message.partial);
  }

  get isEmpty() {
    return ![...this.#entries.values()].some(({ message }) => message.from === "customer");
  }

  /** The newest recorded message, or undefined. */
  get newest() {
    return [...this.#entries.values()].map(({ message }) => message).filter(({ seq }) => seq).sort((a, b) => b.seq - a.seq)[0];
  }

  /** Shows a message, in place of the one of the same id if there is one. */
  show(message) {
    const stays = this.#atEnd();
    const shown = this.#entries.get(message.message_id);
    const element = this.#draw(message);
    shown?.element.remove();
    this.#entries.set(message.message_id, { element, message });
    this.#place(element, message);
    this.log.setAttribute("aria-busy", String(Boolean(message.partial)));
    this.#arrange();
    if (stays || message.from === "customer") this.scrollToEnd();
  }

  /** A message we drew ourselves is now the server's: it takes the id everybody knows. */
  rename(from, to) {
    const entry = this.#entries.get(from);
    if (!entry) return;
    this.#entries.delete(from);
    if (this.#entries.has(to)) return entry.element.remove(); // its event came by another way
    entry.message = { ...entry.message, message_id: to };
    this.#entries.set(to, entry);
  }

  /** `sending`, `sent`, `waiting` or `failed`, under a message of the customer's. */
  mark(id, status, reason = "") {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.message.status = status;
    const foot = entry.element.querySelector(".foot");
    const retry = status === "failed" && h("button", { type: "button", class: "retry", onclick: () => this.#onRetry(id) }, this.#say("retry"));
    foot.replaceChildren(...this.#foot(entry.message), ...(reason ? [h("span", {}, reason)] : []), ...(retry ? [retry] : []));
    entry.element.dataset.status = status;
  }

  remove(id) {
    this.#entries.get(id)?.element.remove();
    this.#entries.delete(id);
    this.#arrange();
  }

  /** Partial answers are never replayed, so those of a broken line may be dead. */
  dropPartials() {
    for (const [id, { message }] of this.#entries) if (message.partial) this.remove(id);
  }

  clear() {
    this.#entries.clear();
    this.log.replaceChildren();
    this.typing(false);
  }

  typing(on) {
    const stays = this.#atEnd();
    this.dots.hidden = !on;
    if (on && stays) this.scrollToEnd();
  }

  scrollToEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  #draw(message) {
    const { from, text, attachments = [], partial, status, at } = message;
    const author = { customer: this.#say("you"), desk: this.#name, human: this.#say("person") }[from];
    return h(
      "div",
      { class: `message ${from}`, "data-id": message.message_id, "data-status": status, "data-partial": Boolean(partial) },
      from === "human" && h("span", { class: "author" }, author),
      ...attachments.map((attachment) => this.#drawAttachment(attachment)),
      text && h("div", { class: "bubble", dir: "auto" }, h("span", { class: "spoken" }, `${author}: `), ...linked(text)),
      h("div", { class: "foot" }, ...(at ? this.#foot(message) : [])),
    );
  }

  #foot({ from, at, status }) {
    const time = h("time", { datetime: at }, this.#clock.format(new Date(at)));
    const mark = { sending: "…", waiting: "…", sent: "✓", failed: "!" }[status];
    const words = { sending: "sending", waiting: "waiting", sent: "sent", failed: "failed" }[status];
    if (from !== "customer" || !mark) return [time];
    const spelled = status === "waiting" || status === "failed";
    return [spelled ? h("span", { class: "why" }, this.#say(words)) : time, h("span", { class: "tick", role: "img", "aria-label": this.#say(words) }, mark)];
  }

  #drawAttachment({ id, kind, name, size, local }) {
    const open = async () => {
      const address = local ?? URL.createObjectURL(await this.#load(id));
      h("a", { href: address, target: "_blank", rel: "noopener", download: kind === "image" ? null : name }).click();
    };
    if (kind !== "image") {
      const weight = size ? `${Math.max(1, Math.round(size / 1024))} KB` : "";
      return h("button", { type: "button", class: "file", onclick: open }, icon(...ICONS.file), h("span", {}, name), h("small", {}, weight));
    }
    const picture = h("img", { alt: name, src: local });
    if (!local) this.#load(id).then((blob) => (picture.src = URL.createObjectURL(blob)), () => picture.classList.add("lost"));
    return h("button", { type: "button", class: "picture", onclick: open }, picture);
  }

  #place(element, { seq = UNPLACED }) {
    const later = [...this.#entries.values()].filter((one) => one.element !== element && (one.message.seq ?? UNPLACED) > seq);
    const next = later.sort((a, b) => (a.message.seq ?? UNPLACED) - (b.message.seq ?? UNPLACED))[0];
    this.log.insertBefore(element, next?.element ?? null);
  }

  /** Days between messages, and runs of one author drawn together. */
  #arrange() {
    for (const line of this.log.querySelectorAll(".day")) line.remove();
    const byElement = new Map([...this.#entries.values()].map(({ element, message }) => [element, message]));
    let before;
    for (const element of [...this.log.children]) {
      const message = byElement.get(element);
      const day = message.at && new Date(message.at).toDateString();
      if (day && day !== before?.day) element.before(this.#drawDay(new Date(message.at)));
      const follows = before?.from === message.from && (!day || day === before.day);
      element.classList.toggle("follows", follows);
      before?.element.classList.toggle("leads", follows);
      element.classList.remove("leads");
      before = { day: day ?? before?.day, from: message.from, element };
    }
  }

  #drawDay(date) {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
    const words = { 0: this.#say("today"), 1: this.#say("yesterday") }[days] ?? this.#day.format(date);
    return h("div", { class: "day" }, h("span", {}, words));
  }
}
