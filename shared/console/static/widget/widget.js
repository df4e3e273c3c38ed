// The widget as a whole: wires session, line, thread, composer and frame for one desk on one page.

import { paint } from "./colour.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { Frame } from "./frame.js";
import { Line, backOff } from "./line.js";
import { Session } from "./session.js";
import { Thread } from "./thread.js";
import { chooseLanguage, speaker } from "./speaker.js";
import { WORDS } from "./words.js";

const PATIENT = 2000; // ms a lost line stays unmentioned: most mend sooner
const TYPING_ENDS = 45_000; // ms after which dots without an answer are no longer believed

class Widget {
  #held = []; // customer messages of unknown id, while one of ours has no id yet
  #flushing = false;
  #hurry = () => {};
  #timers = {};

  constructor({ host, line, session, settings, inline, greetingDelay }) {
    Object.assign(this, { host, line, session, settings });
    this.say = speaker(WORDS, settings.language);
    this.thread = new Thread({
      say: this.say, name: settings.name, language: settings.language,
      load: (id) => line.download(id), onRetry: (id) => this.#retry(id),
    });
    this.chips = h("div", { class: "chips", role: "group", "aria-label": this.say("suggestions") });
    this.composer = new Composer({
      say: this.say, limits: settings.limits, upload: (file) => line.upload(file),
      onSend: (text, attachments) => this.send(text, { attachments }), onTrouble: (words) => this.frame.warn(words),
    });
    this.frame = new Frame({
      say: this.say, host, settings, inline,
      body: [this.thread.element, this.chips, this.composer.element], onOpen: () => this.#opened(),
    });
    for (const name of ["state", "typing", "partial", "message", "status", "handover"]) {
      line.addEventListener(name, ({ detail }) => (this[`on_${name}`](detail), this.#announce(name, detail)));
    }
    host.addEventListener("frontdesk:start-over", () => this.startOver());
    addEventListener("online", () => (this.#tellStanding(), this.#flush()));
    addEventListener("offline", () => this.#tellStanding());
    this.#begin();
    if (inline || session.conversation || session.unsent.length) line.open();
    setTimeout(() => this.frame.tease(settings.opening_line), greetingDelay);
  }

  send(text, more = {}) {
    const { attachments = [], choice } = more;
    const message = this.session.draft(text, { attachments: attachments.map(({ local, ...kept }) => kept), choice });
    this.#showOwn(message, attachments);
    this.#flush();
    this.line.open();
  }

  startOver() {
    this.line.close();
    this.session.startOver();
    this.thread.clear();
    this.#begin();
    this.#tellStanding();
    this.line.open();
    this.composer.focus();
  }

  on_state(state) {
    clearTimeout(this.#timers.lost);
    this.standing = state;
    if (state === "open") this.#flush();
    else {
      this.thread.dropPartials();
      this.thread.typing(false);
    }
    if (state === "lost") this.#timers.lost = setTimeout(() => this.#tellStanding(), PATIENT);
    else this.#tellStanding();
  }

  on_typing({ on }) {
    clearTimeout(this.#timers.typing);
    this.thread.typing(on);
    if (on) this.#timers.typing = setTimeout(() => this.thread.typing(false), TYPING_ENDS);
  }

  on_partial({ message_id, text }) {
    if (this.thread.isFinal(message_id)) return;
    this.thread.typing(false);
    if (text) this.thread.show({ message_id, from: "desk", text, partial: true });
    else this.thread.remove(message_id);
  }

  on_message(message) {
    const own = message.from === "customer";
    if (own && !this.thread.has(message.message_id) && this.session.unsent.length) {
      this.#held.push(message); // it may be the one we are sending: wait for its id
      return;
    }
    const fresh = !this.thread.isFinal(message.message_id);
    this.thread.show(own ? { ...message, status: "sent" } : message);
    if (own) this.#offer();
    else {
      this.on_typing({ on: false });
      this.#offer();
      if (fresh) this.frame.missed();
    }
  }

  on_status({ message_id, status }) {
    if (status === "suppressed" || status === "withdrawn") this.thread.remove(message_id);
  }

  on_handover({ active }) {
    this.handedOver = active;
    this.#tellStanding();
  }

  /** One line above the thread: what keeps messages from going, else who answers them. */
  #tellStanding() {
    const hindrance = navigator.onLine ? { lost: "lost", refused: "refused" }[this.standing] : "offline";
    const words = hindrance ?? (this.handedOver ? "handover" : null);
    this.frame.tell(words && this.say(words));
  }

  #opened() {
    this.line.open();
    this.thread.scrollToEnd();
    this.composer.focus();
  }

  /** The thread as it stands without the server: the opening line, and what is still to be sent. */
  #begin() {
    this.handedOver = false;
    this.#held = [];
    if (this.settings.opening_line) this.thread.show({ message_id: "opening", from: "desk", text: this.settings.opening_line, seq: 0 });
    for (const message of this.session.unsent) this.#showOwn(message, message.attachments ?? []);
    this.#offer();
  }

  #showOwn({ client_message_id, text, at }, attachments) {
    this.thread.show({ message_id: client_message_id, from: "customer", text, at, attachments, status: "sending" });
    this.#offer();
  }

  /** Sends what is not acknowledged, oldest first, each under the one id it was given. */
  async #flush() {
    this.#hurry();
    if (this.#flushing) return;
    this.#flushing = true;
    for (let attempt = 0; this.session.unsent.length; ) {
      const message = this.session.unsent[0];
      const { client_message_id: draft } = message;
      try {
        const { message_id, conversation_id } = await this.line.post(message);
        if (this.session.unsent[0] !== message) continue; // started over meanwhile
        this.thread.mark(draft, "sent");
        this.thread.rename(draft, message_id);
        this.session.conversation = conversation_id;
        this.session.settle(message);
        this.#announce("conversation", { conversation_id });
        attempt = 0;
      } catch (refusal) {
        if (refusal.status && !refusal.passing) {
          this.session.settle(message);
          this.failed = { ...this.failed, [draft]: message };
          this.thread.mark(draft, "failed", refusal.message);
        } else {
          const ms = refusal.after ?? backOff(attempt);
          const why = refusal.busy ? this.say("busy", { seconds: Math.ceil(ms / 1000) }) : "";
          this.thread.mark(draft, "waiting", why);
          await new Promise((resolve) => {
            this.#hurry = refusal.busy ? () => {} : resolve; // the line is back sooner than we thought
            setTimeout(resolve, ms);
          });
          attempt += 1;
        }
      }
    }
    this.#flushing = false;
    this.#held.splice(0).forEach((message) => this.on_message(message));
  }

  #retry(draft) {
    const { text, attachments, choice } = this.failed[draft];
    this.thread.remove(draft);
    this.send(text, { attachments, choice });
  }

  /** Starters before the first word, the desk's quick replies after its last. */
  #offer() {
    const newest = this.thread.newest;
    const replies = newest?.quick_replies ?? [];
    const offered = this.thread.isEmpty ? this.settings.starters.map((title) => ({ title })) : replies;
    const show = this.thread.isEmpty || (newest && newest.from !== "customer" && !this.session.unsent.length);
    this.chips.replaceChildren(...(show ? offered : []).map(({ id, title }) =>
      h("button", { type: "button", dir: "auto", onclick: () => (this.send(title, { choice: id }), this.composer.focus()) }, title)));
    this.thread.scrollToEnd();
  }

  #announce(name, detail) {
    this.host.dispatchEvent(new CustomEvent(`frontdesk:${name}`, { detail, bubbles: true }));
  }
}

/** Where its desk is called; who is signed in here stands behind the #, which goes to no server. */
function addressOfCalls({ src, dataset: { desk, customer, customerSignature } }) {
  const address = new URL(`voice/${encodeURIComponent(desk)}`, src);
  if (customer) address.hash = new URLSearchParams({ customer, signature: customerSignature ?? "" });
  return address.href;
}

/** Puts the widget of the desk named in the script's `data-desk` on the page, or into `data-mount`; `data-voice` adds a call. */
export async function start(script, styles) {
  const { desk, mount } = script.dataset;
  const address = new URL(`chat/${encodeURIComponent(desk)}`, script.src).href;
  const session = new Session(desk, script.dataset.customer);
  const line = new Line(address, session, script.dataset);
  const settings = await line.settings();
  settings.voice = settings.calls && "voice" in script.dataset && addressOfCalls(script);
  settings.language = chooseLanguage(WORDS, settings.languages);

  const host = h("frontdesk-chat", { "data-desk": desk, "data-mode": mount ? "inline" : "bubble", lang: settings.language });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  paint(host.style, settings.colours.accent);

  const widget = new Widget({ host, line, session, settings, inline: Boolean(mount), greetingDelay: settings.opening_delay * 1000 });
  root.append(...widget.frame.elements);
  (mount ? document.querySelector(mount) : document.body).append(host);
}
