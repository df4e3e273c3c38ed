// Where the customer writes: text, pictures and PDF files, by keyboard or touch.

import { ICONS, h, icon } from "./dom.js";

const MB = 1024 * 1024;
const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,application/pdf";

export class Composer {
  #say;
  #limits;
  #upload;
  #onSend;
  #files = new Map(); // chip -> { id, name, kind, size, local }, or null while it is uploaded; in the order chosen

  constructor({ say, limits, upload, onSend, onTrouble }) {
    this.#say = say;
    this.#limits = limits;
    this.#upload = upload;
    this.#onSend = onSend;
    this.onTrouble = onTrouble;
    this.text = h("textarea", {
      rows: "1", dir: "auto", placeholder: say("write"), "aria-label": say("write"), enterkeyhint: "send",
      onkeydown: (event) => this.#key(event), oninput: () => this.#grow(), onpaste: (event) => this.#paste(event),
    });
    this.picker = h("input", { type: "file", accept: ACCEPTED, multiple: true, hidden: true, onchange: () => this.#picked() });
    this.button = h("button", { type: "submit", class: "send", "aria-label": say("send"), disabled: true }, icon(...ICONS.send));
    this.chips = h("div", { class: "files" });
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event) => (event.preventDefault(), this.#send()) },
      this.chips,
      h("div", { class: "field" },
        h("button", { type: "button", class: "attach", "aria-label": say("attach"), onclick: () => this.picker.click() }, icon(...ICONS.attach)),
        this.picker, this.text, this.button),
    );
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 132)}px`;
    this.button.disabled = [...this.#files.values()].includes(null) || (!this.text.value.trim() && !this.#files.size);
  }

  #send() {
    const text = this.text.value.trim();
    const most = this.#limits.text;
    if (this.button.disabled) return;
    if (text.length > most) return this.onTrouble(this.#say("tooLong", { count: text.length, most }));
    this.#onSend(text, [...this.#files.values()]);
    this.#files.clear();
    this.chips.replaceChildren();
    this.text.value = "";
    this.#grow();
    this.focus();
  }

  #paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    files.forEach((file) => this.#add(file));
  }

  #picked() {
    for (const file of this.picker.files) this.#add(file);
    this.picker.value = "";
    this.focus();
  }

  async #add(file) {
    const { name } = file;
    const image = file.type.startsWith("image/");
    const most = image ? this.#limits.image : this.#limits.document;
    if (!ACCEPTED.split(",").includes(file.type)) return this.onTrouble(this.#say("wrongType"));
    if (file.size > most) return this.onTrouble(this.#say("tooLarge", { name, size: Math.floor(most / MB) }));
    const local = URL.createObjectURL(file);
    const chip = h("div", { class: "chosen", role: "status", "aria-label": this.#say("uploading", { name }), "aria-busy": "true" },
      image ? h("img", { src: local, alt: "" }) : icon(...ICONS.file), h("span", {}, name));
    this.chips.append(chip);
    this.#files.set(chip, null);
    this.#grow();
    try {
      this.#files.set(chip, { ...(await this.#upload(file)), local });
      chip.removeAttribute("aria-busy");
      chip.setAttribute("aria-label", name);
      const remove = () => (this.#drop(chip), this.focus());
      chip.append(h("button", { type: "button", "aria-label": this.#say("remove", { name }), onclick: remove }, icon(...ICONS.close)));
    } catch (refusal) {
      this.#drop(chip);
      this.onTrouble(refusal.status ? refusal.message : this.#say("notUploaded", { name }));
    }
    this.#grow();
  }

  #drop(chip) {
    this.#files.delete(chip);
    chip.remove();
    this.#grow();
  }
}
