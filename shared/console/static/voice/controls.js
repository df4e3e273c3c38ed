// The buttons of a call, their keys, the clock beside them, and the keypad.

import { ICONS, h, icon } from "./dom.js";

const DRAWN = {
  ...ICONS,
  microphone: ["M12 14.5a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3z", "M6 11.5a6 6 0 0 0 12 0M12 17.5v3"],
  muted: ["M15 9.5v-3a3 3 0 0 0-5.6-1.5M9 9v2.5a3 3 0 0 0 4.6 2.5", "M6 11.5a6 6 0 0 0 9.6 4.8M18 11.5a6 6 0 0 1-.4 2M12 17.5v3M4 4l16 16"],
  keypad: ["M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01"],
  sound: ["M5 9.5h3l4-3.5v12l-4-3.5H5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"],
};
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const TALKING = ["talking", "transferring", "person"];

export function controlsOf({ page, say, chat, onCall, onEnd, onMute, onKey, onSound }) {
  const bar = page.querySelector(".controls");
  const keypad = page.querySelector(".keypad");
  const labelled = (drawing, words) => [icon(...DRAWN[drawing]), h("span", {}, words)];
  const begin = h("button", { type: "button", class: "big begin", onclick: onCall });
  const end = h("button", { type: "button", class: "round end", onclick: onEnd });
  const mute = h("button", { type: "button", class: "round mute", "aria-pressed": "false", onclick: () => press() }, h("i", { class: "meter", "aria-hidden": "true" }));
  const keys = h("button", { type: "button", class: "round keys", "aria-expanded": "false", "aria-controls": "keypad", onclick: () => opens(keypad.hidden) }, ...labelled("keypad", say("keypad")));
  const sound = h("button", { type: "button", class: "big sound", onclick: onSound, hidden: true }, ...labelled("sound", say("sound")));
  const clock = h("span", { class: "clock" });
  const write = chat && h("a", { class: "write", href: chat }, ...labelled("chat", say("chat")));
  bar.append(begin, sound, h("div", { class: "row" }, mute, keys, end), clock, ...(write ? [write] : []));
  keypad.setAttribute("aria-label", say("keypad"));
  keypad.append(...KEYS.map((key) => h("button", { type: "button", "aria-label": say("key", { key }), onclick: () => tap(key) }, key)));

  let state = "";
  let silent = false;

  function press() {
    silent = !silent;
    dress();
    onMute(silent);
  }

  function dress() {
    mute.setAttribute("aria-pressed", String(silent));
    mute.replaceChildren(h("i", { class: "meter", "aria-hidden": "true" }), ...labelled(silent ? "muted" : "microphone", say(silent ? "unmute" : "mute")));
  }

  function opens(on) {
    keypad.hidden = !on;
    keys.setAttribute("aria-expanded", String(on));
    if (on) keypad.querySelector("button").focus();
  }

  function tap(key) {
    onKey(key);
    const button = [...keypad.children].find(({ textContent }) => textContent === key);
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), 160);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (TALKING.includes(state) && KEYS.includes(event.key) && !keypad.hidden) tap(event.key);
    if (event.key === "Escape" && !keypad.hidden) {
      opens(false);
      keys.focus();
    }
    if (event.key.toLowerCase() === "m" && TALKING.includes(state)) press();
  });

  return {
    show(now) {
      if (now === state) return;
      const before = state;
      state = now;
      const [talks, waits] = [TALKING.includes(now), now === "asking" || now === "connecting"];
      begin.hidden = talks || waits || Boolean(now === "trouble" && ["off", "unconnected", "insecure", "unable"].includes(page.dataset.trouble));
      begin.replaceChildren(...labelled("call", say(now === "ready" ? "call" : "again")));
      mute.hidden = keys.hidden = !talks;
      end.hidden = !talks && !waits;
      end.replaceChildren(...labelled("call", say(talks ? "end" : "cancel")));
      clock.hidden = !talks;
      if (write) write.hidden = talks;
      if (!talks) {
        silent = false;
        dress();
        opens(false);
        sound.hidden = true;
      }
      if (waits) end.focus();
      else if (talks && !TALKING.includes(before)) mute.focus({ preventScroll: true });
      else if (before && !talks && !begin.hidden) begin.focus();
    },
    blocked(on) {
      sound.hidden = !on;
    },
    clock(ms) {
      const words = this.spelled(ms);
      if (clock.textContent !== words) clock.textContent = words;
    },
    /** A length of time as a clock shows it. */
    spelled(ms) {
      const seconds = Math.floor(ms / 1000);
      return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    },
  };
}
