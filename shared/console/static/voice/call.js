// One call from a browser: LiveKit's room with its events told in words of ours. LivekitClient is the library's name.

const PERSON = "person-"; // how the identity of a colleague of the business begins
const AGENT = 4; // LiveKit's kind of a participant that is a program
const CAPTIONS = "lk.transcription";
const OWN = ""; // whose the microphone of this page is, among those that are measured
const DTMF = { "*": 10, "#": 11 };

/** What a refusal of the token door says, with its status and how long to wait. */
export class Refusal extends Error {
  constructor(status, detail, after) {
    super(detail);
    this.status = status;
    this.after = after;
  }
}

/** Asks the desk's door for a place in a room. */
export async function askForToken(desk, secret, identity = {}) {
  const response = await fetch(`/voice/${encodeURIComponent(desk)}/token`, { method: "POST", headers: { "X-Frontdesk-Session": secret, ...identity } });
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, told.detail ?? "", Number(response.headers.get("Retry-After")) || 0);
  return told;
}

/**
 * Events: `line` (open | mending | closed, with LiveKit's reason), `side` (who is there), `caption`,
 * `level` (own, theirs, and for colleagues caller and others, 0..1), `blocked` (the browser wants a click before it sounds), `deaf` (the microphone stopped).
 */
export class Call extends EventTarget {
  #room;
  #meters = new Map(); // track sid -> how loud it is now
  #frame = 0;

  constructor() {
    super();
    const { Room, RoomEvent } = LivekitClient;
    this.#room = new Room({ audioCaptureDefaults: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
    const told = {
      [RoomEvent.TrackSubscribed]: (track, _, who) => this.#hear(track, who),
      [RoomEvent.TrackUnsubscribed]: (track) => this.#unhear(track),
      [RoomEvent.ParticipantConnected]: () => this.#side(),
      [RoomEvent.ParticipantDisconnected]: () => this.#side(),
      [RoomEvent.ParticipantAttributesChanged]: () => this.#side(),
      [RoomEvent.SignalReconnecting]: () => this.#tell("line", { state: "mending" }),
      [RoomEvent.Reconnecting]: () => this.#tell("line", { state: "mending" }),
      [RoomEvent.Reconnected]: () => this.#tell("line", { state: "open" }),
      [RoomEvent.Disconnected]: (reason) => this.#closed(reason),
      [RoomEvent.AudioPlaybackStatusChanged]: () => this.#tell("blocked", { blocked: !this.#room.canPlaybackAudio }),
      [RoomEvent.MediaDevicesError]: () => this.#tell("deaf", {}),
    };
    for (const [name, hear] of Object.entries(told)) this.#room.on(name, hear);
    this.#room.registerTextStreamHandler(CAPTIONS, (reader, { identity }) => this.#caption(reader, identity));
  }

  /** Joins and speaks by a microphone track; without one it only listens. */
  async join({ url, token }, microphone = null) {
    await this.#room.connect(url, token, { maxRetries: 1, peerConnectionTimeout: 15_000 });
    this.#tell("line", { state: "open" });
    this.#side();
    this.#measure();
    if (microphone) await this.speak(microphone);
    await this.#room.startAudio().catch(() => {});
  }

  /** Publishes a microphone track that was asked for before. */
  async speak(microphone) {
    const { Track } = LivekitClient;
    const sent = await this.#room.localParticipant.publishTrack(microphone, { source: Track.Source.Microphone });
    microphone.addEventListener("ended", () => this.#tell("deaf", {}));
    this.#meter(sent.track, OWN);
  }

  async mute(muted) {
    for (const sent of this.#room.localParticipant.audioTrackPublications.values()) await (muted ? sent.mute() : sent.unmute());
  }

  async press(key) {
    await this.#room.localParticipant.publishDtmf(DTMF[key] ?? Number(key), key);
  }

  /** Lets the browser sound; to be called while a click is being answered. */
  sound() {
    return this.#room.startAudio();
  }

  leave() {
    return this.#room.disconnect();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #hear(track, who) {
    if (track.kind !== "audio") return;
    const element = track.attach();
    element.hidden = true;
    document.body.append(element);
    this.#meter(track, who.identity);
  }

  #unhear(track) {
    for (const element of track.detach()) element.remove();
    this.#meters.get(track.sid)?.stop();
    this.#meters.delete(track.sid);
  }

  #side() {
    const others = [...this.#room.remoteParticipants.values()];
    const agents = others.filter(({ kind, isAgent }) => isAgent || kind === AGENT);
    const person = others.find(({ identity }) => identity.startsWith(PERSON));
    const doing = agents.map(({ attributes }) => attributes["lk.agent.state"]).find(Boolean) ?? "";
    this.#tell("side", { doing, person: person ? { name: person.name } : null });
  }

  /** Whether somebody is the customer: who is neither a program of ours nor a colleague. */
  #isCaller(identity) {
    const who = this.#room.remoteParticipants.get(identity);
    return Boolean(who) && who.kind !== AGENT && !who.isAgent && !identity.startsWith(PERSON);
  }

  #closed(reason) {
    cancelAnimationFrame(this.#frame);
    for (const meter of this.#meters.values()) meter.stop();
    this.#meters.clear();
    this.#tell("line", { state: "closed", reason });
  }

  /** A stream is a segment's words as they come; a later stream of the same segment replaces them. */
  async #caption(reader, identity) {
    const said = reader.info.attributes ?? {};
    const own = [...this.#room.localParticipant.trackPublications.keys()].includes(said["lk.transcribed_track_id"]) || identity === this.#room.localParticipant.identity;
    const who = this.#room.remoteParticipants.get(identity);
    const segment = said["lk.segment_id"] ?? reader.info.id;
    let text = "";
    for await (const chunk of reader) {
      text += chunk;
      this.#tell("caption", { segment, own, name: identity.startsWith(PERSON) ? who?.name : "", text, final: false });
    }
    this.#tell("caption", { segment, own, name: identity.startsWith(PERSON) ? who?.name : "", text, final: reader.info.attributes?.["lk.transcription_final"] !== "false" });
  }

  #meter(track, identity) {
    const { calculateVolume, cleanup } = LivekitClient.createAudioAnalyser(track, { cloneTrack: false, fftSize: 512, smoothingTimeConstant: 0.5 });
    this.#meters.set(track.sid, { identity, volume: calculateVolume, stop: cleanup });
  }

  #measure() {
    const loud = [...this.#meters.values()].map(({ identity, volume }) => [identity, volume()]);
    const most = (whose) => Math.max(0, ...loud.filter(([identity]) => whose(identity)).map(([, level]) => level));
    const caller = (identity) => this.#isCaller(identity);
    this.#tell("level", {
      own: most((one) => one === OWN),
      theirs: most((one) => one !== OWN),
      caller: most(caller),
      others: most((one) => one !== OWN && !caller(one)),
    });
    this.#frame = requestAnimationFrame(() => this.#measure());
  }
}
