// Where a call stands, as our own door knows it: LiveKit tells who is in a room, and no more.

const EVERY = 2500; // ms between two looks while it goes on
const AFTER = [0, 1200, 3000]; // ms after its end at which it is asked what became of it

async function ask(desk, call, secret) {
  try {
    const response = await fetch(`/voice/${encodeURIComponent(desk)}/calls/${call}`, { headers: { "X-Frontdesk-Session": secret } });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // the next look says it
  }
}

/** Tells each state until the function it returns is called. */
export function follow(desk, call, secret, tell) {
  const look = async () => {
    const now = await ask(desk, call, secret);
    if (now && timer) tell(now.state);
  };
  let timer = setInterval(look, EVERY);
  return () => {
    clearInterval(timer);
    timer = null;
  };
}

/** What became of a call that has just ended, null where nobody says so soon. */
export async function outcomeOf(desk, call, secret) {
  for (const ms of AFTER) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    const now = await ask(desk, call, secret);
    if (now?.outcome) return now.outcome;
  }
  return null;
}
