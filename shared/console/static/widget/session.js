// One visitor's session with one desk: the secret that proves it, and what is not yet acknowledged.

const MADE_OF = 32; // bytes: twice what the server asks for, and never guessed

function random(bytes) {
  const raw = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...raw)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export class Session {
  #key;
  #kept;

  /** A session that was a signed-in customer's is nobody else's: another's, or nobody's, begins anew. */
  constructor(desk, customer = null) {
    this.#key = `frontdesk:${desk}`;
    this.#kept = this.#read() ?? this.#fresh();
    if (this.#kept.customer && this.#kept.customer !== customer) this.#kept = this.#fresh();
    this.#kept.customer = customer;
    this.#write();
  }

  /** The secret of header X-Frontdesk-Session. It is never put in an address. */
  get secret() {
    return this.#kept.secret;
  }

  /** The conversation's id once the server named it, else null. */
  get conversation() {
    return this.#kept.conversation;
  }

  set conversation(id) {
    this.#kept.conversation = id;
    this.#write();
  }

  /** Messages the server has not acknowledged, oldest first; they survive a reload. */
  get unsent() {
    return this.#kept.unsent;
  }

  /** A new message to send, remembered until `settle`. */
  draft(text, more) {
    const message = { client_message_id: random(16), text, at: new Date().toISOString(), ...more };
    this.#kept.unsent.push(message);
    this.#write();
    return message;
  }

  settle(message) {
    this.#kept.unsent = this.#kept.unsent.filter((one) => one.client_message_id !== message.client_message_id);
    this.#write();
  }

  startOver() {
    this.#kept = { ...this.#fresh(), customer: this.#kept.customer };
    this.#write();
  }

  #fresh() {
    return { secret: random(MADE_OF), conversation: null, unsent: [] };
  }

  #read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key));
      return typeof kept?.secret === "string" && Array.isArray(kept.unsent) ? kept : null;
    } catch {
      return null; // storage is blocked or its text is not ours: the session lives as long as the page
    }
  }

  #write() {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // storage is full or blocked: as above
    }
  }
}
