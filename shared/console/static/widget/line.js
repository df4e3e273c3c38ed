// The line to the server: requests go out, events come in, and a broken line mends itself without loss.

const SILENCE = 40_000; // ms without even a heartbeat (every 15 s): the line is dead though nobody said so
const PATIENCE = [500, 1000, 2000, 4000, 8000, 15_000, 30_000]; // ms before each next attempt

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const backOff = (attempt) => PATIENCE[Math.min(attempt, PATIENCE.length - 1)] * (0.5 + Math.random());

/** The server said no; `passing` where asking again later may help, `after` in ms where it said when. */
export class Refusal extends Error {
  constructor(response, problem) {
    super(problem?.detail ?? response.statusText);
    this.status = response.status;
    this.passing = response.status >= 500 || response.status === 429;
    this.busy = response.status === 429;
    const after = Number(response.headers.get("Retry-After")) * 1000;
    this.after = after ? after * (1 + Math.random() / 2) : null; // not all at the same moment
  }
}

/** Yields `{event, data, id}` from a response of type text/event-stream; `heard` is called at each byte. */
async function* readEvents(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split("\n").filter((line) => line && !line.startsWith(":")).map((line) => line.split(/: ?(.*)/s, 2)),
      );
      if (fields.data) yield { event: fields.event, id: fields.id, data: JSON.parse(fields.data) };
    }
  }
}

export class Line extends EventTarget {
  #address;
  #session;
  #identity; // headers that say who the site's visitor is, signed by the site
  #last = null; // the highest revision seen
  #abort = null;
  #wake = () => {};

  constructor(address, session, { customer, customerSignature } = {}) {
    super();
    this.#identity = customer
      ? { "X-Frontdesk-Customer": encodeURIComponent(customer), "X-Frontdesk-Customer-Signature": encodeURIComponent(customerSignature ?? "") }
      : {};
    this.#address = address;
    this.#session = session;
    addEventListener("online", () => this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  /** Where the server does not believe who the visitor is said to be, the site's people are told and the chat goes on without. */
  async settings() {
    try {
      return await this.#ask("settings").then((response) => response.json());
    } catch (refusal) {
      if (refusal.status !== 401 || !this.#identity["X-Frontdesk-Customer"]) throw refusal;
      console.error(`Frontdesk: ${refusal.message}`);
      this.#identity = {};
      return this.settings();
    }
  }

  post({ client_message_id, text, choice, attachments }) {
    const body = { client_message_id, text, choice, attachments: attachments?.map(({ id }) => id) };
    const headers = { "Content-Type": "application/json" };
    return this.#ask("messages", { method: "POST", headers, body: JSON.stringify(body) }).then((r) => r.json());
  }

  upload(file) {
    const headers = { "X-File-Name": encodeURIComponent(file.name) };
    return this.#ask("attachments", { method: "POST", headers, body: file }).then((r) => r.json());
  }

  download(id) {
    return this.#ask(`attachments/${encodeURIComponent(id)}`).then((response) => response.blob());
  }

  /** Reads events until `close`: each is dispatched under its name, `state` says open, lost or refused. */
  async open() {
    if (this.#abort) return this.#wake();
    const abort = (this.#abort = new AbortController());
    for (let attempt = 0; !abort.signal.aborted; attempt += 1) {
      try {
        await this.#read(abort, () => (attempt = 0));
        if (document.hidden) await this.#until(Infinity); // closed when idle: nobody looks, so nobody asks
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof Refusal && !error.passing) return this.#tell("state", "refused");
        this.#tell("state", "lost");
      }
      await this.#until(backOff(attempt));
    }
  }

  close() {
    this.#abort?.abort();
    this.#abort = null;
    this.#last = null;
    this.#wake();
  }

  async #read(abort, opened) {
    const once = new AbortController();
    abort.signal.addEventListener("abort", () => once.abort(), { signal: once.signal });
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => once.abort(), SILENCE);
    };
    try {
      heard();
      const headers = this.#last ? { "Last-Event-ID": this.#last } : {};
      const response = await this.#ask("events", { headers, signal: once.signal });
      opened();
      this.#tell("state", "open");
      for await (const { event, id, data } of readEvents(response.body, heard)) {
        if (abort.signal.aborted) return; // what was read already belongs to a session that is over
        this.#tell(event, data);
        if (id && Number(id) >= Number(this.#last)) this.#last = id;
      }
    } finally {
      clearTimeout(timer);
      once.abort();
    }
  }

  /** Sleeps, at most `ms`; the network's or the visitor's return wakes it. */
  async #until(ms) {
    const woken = new Promise((resolve) => (this.#wake = resolve));
    await Promise.race(ms === Infinity ? [woken] : [woken, pause(ms)]);
    this.#wake = () => {};
  }

  async #ask(path, { headers, ...options } = {}) {
    const response = await fetch(`${this.#address}/${path}`, {
      ...options,
      headers: { ...headers, ...this.#identity, "X-Frontdesk-Session": this.#session.secret },
      credentials: "omit",
      cache: "no-store",
    });
    if (!response.ok) throw new Refusal(response, await response.json().catch(() => null));
    return response;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
