// The voice room as a whole: one button, a call, and what became of it. Its state stands on the page as `data-state`.

import { Call, Refusal, askForToken } from "./call.js";
import { Captions } from "./captions.js";
import { paint } from "./colour.js";
import { controlsOf } from "./controls.js";
import { ending, troubleOf } from "./endings.js";
import { askForMicrophone, hindrance } from "./microphone.js";
import { Ringing } from "./ringing.js";
import { ROOM_WORDS } from "./room-words.js";
import { Session } from "./session.js";
import { headersOf, signedCustomer } from "./signed.js";
import { chooseLanguage, speaker } from "./speaker.js";
import { follow, outcomeOf } from "./standing.js";

const LATE = 20_000; // ms of ringing after which we say that it takes longer
const NOBODY = 45_000; // ms after which nobody comes any more
const AUDIBLE = 0.012; // a level that somebody hears

const page = document.getElementById("room");
const { desk, name, colour, chat, recording } = page.dataset;
const language = chooseLanguage(ROOM_WORDS, page.dataset.languages.split(" "));
const signed = signedCustomer(desk);
const { secret } = new Session(desk, signed?.customer);
const say = speaker(ROOM_WORDS, language);
const part = (selector) => page.querySelector(selector);
const captions = new Captions(part(".captions"));
const ringing = new Ringing((pattern) => (page.dataset.sound = pattern));
const controls = controlsOf({ page, say, chat, onCall: () => call(), onEnd: () => end(), onMute: (muted) => mute(muted), onKey: (key) => line?.press(key), onSound: () => line?.sound() });

let line = null; // the call under way
let joined = false; // whether it reached its room
let microphone = null;
let timers = [];
let heardAt = 0; // when the other side was first heard
let wished = false; // whether the caller ended it
let muted = false;
let side = {}; // who is there
let stands = ""; // where our own door says the call stands
let stop = () => {}; // asking it
let id = ""; // the call's
let mending = false;
let deaf = false; // whether the microphone stopped
let spoken = { own: 0, theirs: 0 };

/** Shows a state: its standing, the big words in the middle, the controls it has. */
function show(state, { title = "", text = "" } = {}) {
  page.dataset.state = state;
  const box = part(".say");
  box.hidden = !title && !text;
  part(".say h2").textContent = title;
  part(".say h2").hidden = !title;
  part(".say p").textContent = text;
  controls.show(state);
  captions.toEnd();
  standing();
}

function standing() {
  const { state } = page.dataset;
  const words = {
    ready: () => say("ready"),
    asking: () => say("asking"),
    connecting: () => say("connecting"),
    talking: () => (muted ? say("muted") : turn()),
    transferring: () => say("transferring"),
    person: () => (side.person?.name ? say("named", { name: side.person.name }) : say("person")),
  }[state];
  const trouble = mending ? say("mending") : deaf && say("deaf");
  const told = (line && trouble) || (words?.() ?? "");
  const sign = part(".standing");
  if (sign.textContent !== told) sign.textContent = told;
}

/** Whose turn it is, by what the agent says of itself, else by ear. */
function turn() {
  if (side.doing === "thinking") return say("thinking");
  return performance.now() - spoken.theirs < 700 || side.doing === "speaking" ? say("speaking") : say("listening");
}

async function call() {
  if (line) return;
  ringing.wake();
  captions.clear();
  Object.assign(page.dataset, { muted: "" });
  [joined, heardAt, wished, muted, side, stands, mending, deaf] = [false, 0, false, false, {}, "", false, false];
  show("asking", { title: say("asking"), text: say("allow") });
  line = new Call();
  const mine = line;
  try {
    microphone = await askForMicrophone();
    if (line !== mine) return microphone.stop();
    show("connecting");
    ringing.play("ringing");
    wait();
    listen(mine);
    const token = await askForToken(desk, secret, headersOf(signed));
    if (line !== mine) return;
    id = token.call;
    await mine.join(token, microphone);
    joined = true;
    stop = follow(desk, id, secret, (now) => {
      stands = now;
      place();
    });
  } catch (error) {
    if (line !== mine) return;
    drop();
    fail(error);
  }
}

function fail(error) {
  const trouble = error.why ?? troubleOf(error, Refusal);
  const seconds = error.after > 0 && error.after < 600 ? Math.ceil(error.after) : 0;
  const step = trouble === "full" && seconds ? say("fullSoon", { seconds }) : say(`${trouble}Step`);
  show("trouble", { title: say(trouble), text: step });
}

/** The time a caller waits is told, and ends. */
function wait() {
  timers = [
    setTimeout(() => show("connecting", { text: say("late") }), LATE),
    setTimeout(() => {
      line?.leave();
      drop();
      show("ended", { title: say("unanswered"), text: say("unansweredStep") });
    }, NOBODY),
  ];
}

function listen(one) {
  const on = (event, hear) => one.addEventListener(event, ({ detail }) => one === line && hear(detail));
  on("line", lineIs);
  on("side", (now) => {
    side = now;
    place();
  });
  on("level", level);
  on("caption", ({ own, name: who, ...said }) => {
    if (!own) heard();
    captions.show({ ...said, by: own ? "own" : "theirs", name: own ? say("you") : who || name });
  });
  on("blocked", ({ blocked }) => controls.blocked(blocked));
  on("deaf", () => {
    deaf = true;
    standing();
  });
}

/** Somebody is heard: it no longer rings. */
function heard() {
  if (heardAt) return;
  heardAt = Date.now();
  ringing.play("");
  timers.forEach(clearTimeout);
  place();
}

function place() {
  if (!heardAt) return standing();
  // Who was rung may still decide: with whom the customer is, our own door knows.
  const now = side.person || stands === "with_person" ? "person" : stands === "transferring" ? "transferring" : "talking";
  if (now !== page.dataset.state) show(now, { text: captions.empty ? say("empty") : "" });
  else standing();
}

function level({ own, theirs }) {
  const now = performance.now();
  if (theirs > AUDIBLE) {
    spoken.theirs = now;
    heard();
  }
  page.style.setProperty("--theirs", Math.min(1, theirs * 4).toFixed(2));
  page.style.setProperty("--own", Math.min(1, own * 4).toFixed(2));
  if (!captions.empty && !part(".say").hidden && part(".say h2").hidden) part(".say").hidden = true;
  controls.clock(heardAt ? Date.now() - heardAt : 0);
  if (page.dataset.state === "talking") standing();
}

async function lineIs({ state: now, reason }) {
  mending = now === "mending";
  if (heardAt) ringing.play(mending ? "holding" : "");
  if (now !== "closed") return standing();
  if (!joined && !wished) return; // whoever tries to join tells why it failed
  const lasted = heardAt ? controls.spelled(Date.now() - heardAt) : "";
  drop();
  const tell = (outcome) => {
    const { title, text } = ending({ reason, outcome, wished, heard: Boolean(lasted) });
    show("ended", { title: say(title), text: text ? say(text, { time: lasted }) : "" });
  };
  tell(null);
  const outcome = await outcomeOf(desk, id, secret);
  if (outcome && page.dataset.state === "ended" && !line) tell(outcome);
}

function end() {
  wished = true;
  if (page.dataset.state === "asking" || page.dataset.state === "connecting") {
    line?.leave();
    drop();
    show("ready", { text: before() });
  } else line?.leave();
}

async function mute(on) {
  muted = on;
  page.dataset.muted = on ? "yes" : "";
  await line?.mute(on);
  standing();
}

/** Lets go of the call and of everything it held. */
function drop() {
  stop();
  timers.forEach(clearTimeout);
  ringing.play("");
  microphone?.stop();
  [line, microphone, mending] = [null, null, false];
  page.style.removeProperty("--theirs");
  page.style.removeProperty("--own");
}

const before = () => [say("before"), { ask: say("recordedAsk"), announce: say("recordedAnnounce") }[recording]].filter(Boolean).join(" ");

document.documentElement.lang = language;
paint(document.documentElement.style, colour);
part(".captions").setAttribute("aria-label", say("captions"));
const hindered = page.dataset.trouble || hindrance();
if (hindered) {
  page.dataset.trouble = hindered;
  show("trouble", { title: say(hindered), text: say(`${hindered}Step`) });
} else show("ready", { text: before() });
