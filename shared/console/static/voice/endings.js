// How a call ended, or why it never began, as the words that tell it.

const REASONS = { CLIENT_INITIATED: 1, DUPLICATE_IDENTITY: 2, PARTICIPANT_REMOVED: 4, ROOM_DELETED: 5, ROOM_CLOSED: 10 };
const PROMISED = "callback"; // the outcome of a call that a person will return

/** Keys of words: a title, and the sentence below it. */
export function ending({ reason, outcome, wished, heard }) {
  if (reason === REASONS.DUPLICATE_IDENTITY) return { title: "elsewhere", text: "elsewhereStep" };
  if (outcome === PROMISED) return { title: "ended", text: "promised" };
  if (wished) return { title: "ended", text: heard ? "mine" : "" };
  if (!heard) return { title: "unanswered", text: "unansweredStep" };
  const hungUp = [REASONS.CLIENT_INITIATED, REASONS.PARTICIPANT_REMOVED, REASONS.ROOM_DELETED, REASONS.ROOM_CLOSED].includes(reason);
  return hungUp ? { title: "ended", text: "lasted" } : { title: "lost", text: "lostStep" };
}

/** The word for an error that kept a call from beginning. */
export function troubleOf(error, Refusal) {
  if (!(error instanceof Refusal)) return "unreachable";
  if (error.status === 429 || (error.status === 503 && error.after)) return "full";
  return { 404: "off", 503: "unconnected" }[error.status] ?? "unreachable";
}
