// How long something has lasted, second by second: <span data-runs="stamp">.

const two = (number) => String(number).padStart(2, "0");

/** A length of time as a telephone shows it. */
export function spelled(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick() {
  for (const one of document.querySelectorAll("[data-runs]")) {
    const words = spelled(Date.now() - new Date(one.dataset.runs));
    if (one.textContent !== words) one.textContent = words;
  }
}

tick();
setInterval(tick, 1000);
document.body.addEventListener("htmx:sseMessage", tick);
document.body.addEventListener("htmx:afterSwap", tick);
