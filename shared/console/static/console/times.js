// Times as the reader writes them: <time datetime data-form>, where the form is "", "ago", "since", "short", "clock" or "day".

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const AGO = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

const sameDay = (one, other) => one.toDateString() === other.toDateString();

function ago(at, now) {
  const seconds = (at - now) / 1000;
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return AGO.format(Math.trunc(seconds / size), unit);
  return "just now";
}

/** How long it has been: what a row has room for. */
function since(at, now) {
  const minutes = Math.max(0, Math.floor((now - at) / 60_000));
  if (minutes < 1) return "";
  return minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}

/** The clock today, the weekday this week, the day this year: what a list has room for. */
function short(at, now) {
  if (sameDay(at, now)) return CLOCK.format(at);
  if (now - at < 6 * 86400_000 && at < now) return WEEKDAY.format(at);
  return at.getFullYear() === now.getFullYear() ? DAY.format(at) : YEAR.format(at);
}

const FORMS = { ago, short, since, clock: (at) => CLOCK.format(at), day: (at, now) => (sameDay(at, now) ? "Today" : YEAR.format(at)) };

/** Writes every time below `root` anew. */
export function finishTimes(root) {
  const now = new Date();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const words = (FORMS[time.dataset.form] ?? ((one) => FULL.format(one)))(at, now);
    if (time.textContent !== words) time.textContent = words;
    if (!time.title) time.title = FULL.format(at);
  }
}
