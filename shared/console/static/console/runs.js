// Keys of runs, and what somebody opened stays open while the page is drawn anew.
import { shortcut } from "./keys.js";

if (window.Idiomorph) Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !(name === "open" && element.nodeName === "DETAILS");

if (document.querySelector("#run-body")) {
  shortcut("p", "Pause it, or let it go on", () => document.querySelector("[data-key-p]")?.click());
  shortcut("o", "Open the conversation", () => document.querySelector("[data-key-o]")?.click());
}
