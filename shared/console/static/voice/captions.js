// What both sides say, as it is said: a segment is one line, whose words change in place until they are final.

import { h } from "./dom.js";

const MOST = 200; // lines that are kept

export class Captions {
  #lines = new Map(); // segment -> its parts

  constructor(list) {
    this.list = list;
    new ResizeObserver(() => this.toEnd()).observe(list);
  }

  show({ segment, by, name, text, final }) {
    if (!text.trim()) return;
    const near = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    const line = this.#lines.get(segment) ?? this.#add(segment, by, name);
    line.words.textContent = text.trim();
    line.element.classList.toggle("partial", !final);
    this.list.hidden = false;
    if (near) this.toEnd();
  }

  clear() {
    this.#lines.clear();
    this.list.replaceChildren();
    this.list.hidden = true;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  get empty() {
    return this.#lines.size === 0;
  }

  #add(segment, by, name) {
    const same = this.list.lastElementChild?.dataset.by === `${by}:${name}`;
    const words = h("span", { class: "words", dir: "auto" });
    const element = h("li", { class: `line ${by}`, "data-by": `${by}:${name}` }, h("b", { class: same ? "sr" : "" }, name, h("span", { class: "sr" }, ": ")), words);
    this.list.append(element);
    const line = { element, words };
    this.#lines.set(segment, line);
    if (this.list.childElementCount > MOST) this.list.firstElementChild.remove();
    return line;
  }
}
