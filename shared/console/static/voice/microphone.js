// Asks for the microphone, and says in a word why there is none.

const WHY = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Why a microphone cannot even be asked for: "insecure", "unable", or "" where it can. */
export function hindrance() {
  if (!window.isSecureContext) return "insecure";
  return navigator.mediaDevices?.getUserMedia && window.RTCPeerConnection ? "" : "unable";
}

/** A microphone's track; its error's `why` is refused, missing, busy, insecure or unable. */
export async function askForMicrophone() {
  const why = hindrance();
  if (why) throw Object.assign(new Error(why), { why });
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
    return stream.getAudioTracks()[0];
  } catch (error) {
    throw Object.assign(error, { why: WHY[error.name] ?? "busy" });
  }
}
