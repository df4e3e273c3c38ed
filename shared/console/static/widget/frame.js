// The frame around the chat: the round button on a page, the panel it opens, and how both fit a screen.

import { ICONS, h, icon } from "./dom.js";

const TEASED = "frontdesk:teased";

/** Whether nothing was said by itself yet: one such line a visit is company, two are noise. */
function firstThisVisit() {
  try {
    const first = !sessionStorage.getItem(TEASED);
    sessionStorage.setItem(TEASED, "yes");
    return first;
  } catch {
    return false; // storage is blocked: silence errs on the right side
  }
}

export class Frame {
  #say;
  #host;
  #unread = 0;

  constructor({ say, host, settings, inline, body, onOpen }) {
    this.#say = say;
    this.#host = host;
    this.onOpen = onOpen;
    const { name } = settings;
    const initials = settings.initials || [...name.trim()][0];
    this.note = h("div", { class: "note", role: "status", hidden: true });
    this.notice = h("div", { class: "notice", role: "status", hidden: true });
    this.panel = h(
      "section",
      { class: "panel", role: inline ? "region" : "dialog", "aria-label": say("chat", { name }), hidden: !inline },
      h("header", {},
        h("span", { class: "mark", "aria-hidden": "true" }, initials),
        h("h2", { dir: "auto" }, name),
        settings.voice && h("a", { class: "plain", href: settings.voice, target: "_blank", rel: "noopener", "aria-label": say("call", { name }), title: say("call", { name }) }, icon(...ICONS.call)),
        !inline && h("button", { type: "button", class: "plain", "aria-label": say("close"), onclick: () => this.close() }, icon(...ICONS.close))),
      settings.model_banner && h("p", { class: "banner" }, settings.model_banner),
      this.note,
      ...body,
      this.notice,
    );
    body.at(-1).before(this.notice);
    this.inline = inline;
    if (inline) return;
    this.badge = h("span", { class: "badge", hidden: true });
    this.launcher = h("button", { type: "button", class: "launcher", "aria-label": say("open"), "aria-expanded": "false", onclick: () => this.toggle() },
      icon(...ICONS.chat), this.badge);
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    visualViewport?.addEventListener("resize", () => this.#fit());
  }

  get elements() {
    return this.inline ? [this.panel] : [this.panel, this.launcher];
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    this.panel.hidden = false;
    this.teaser?.remove();
    this.#unread = 0;
    if (this.launcher) {
      this.launcher.setAttribute("aria-expanded", "true");
      this.#showUnread();
      this.#fit();
    }
    this.onOpen();
  }

  close() {
    if (this.inline) return;
    this.panel.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.launcher.focus();
  }

  /** Says the opening line beside the button, once a visit. */
  tease(line) {
    if (!line || this.inline || this.isOpen || !firstThisVisit()) return;
    this.teaser = h("div", { class: "teaser" },
      h("button", { type: "button", class: "line", dir: "auto", onclick: () => this.open() }, line),
      h("button", { type: "button", class: "plain", "aria-label": this.#say("dismiss"), onclick: () => this.teaser.remove() }, icon(...ICONS.close)));
    this.launcher.before(this.teaser);
  }

  /** A message came that nobody saw. */
  missed() {
    if (this.isOpen) return;
    this.#unread += 1;
    this.#showUnread();
  }

  /** A line above the thread that stays while it is true, e.g. that the connection is lost. */
  tell(words) {
    this.note.textContent = words ?? "";
    this.note.hidden = !words;
  }

  /** A word at the composer that passes, e.g. that a file is too large. */
  warn(words) {
    clearTimeout(this.warned);
    this.notice.textContent = words;
    this.notice.hidden = false;
    this.warned = setTimeout(() => (this.notice.hidden = true), 8000);
  }

  #showUnread() {
    this.badge.hidden = !this.#unread;
    this.badge.textContent = this.#unread > 9 ? "9+" : String(this.#unread);
    const words = this.#unread ? `${this.#say("open")}, ${this.#say("unread", { count: this.#unread })}` : this.#say("open");
    this.launcher.setAttribute("aria-label", words);
  }

  /** On a phone the panel is as high as the keyboard leaves room for. */
  #fit() {
    this.#host.style.setProperty("--visible-height", `${visualViewport?.height ?? innerHeight}px`);
  }
}
