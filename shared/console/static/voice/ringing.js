// Sounds of our own while there is none from the other side, so that a line is never dead: made here, no file needed.

const PATTERNS = {
  ringing: { every: 3000, lasts: 1.1, tones: [425, 453], gain: 0.05 }, // as a telephone rings, softly
  holding: { every: 2200, lasts: 0.16, tones: [520], gain: 0.035 }, // a line that is being mended
};

export class Ringing {
  #context = null;
  #timer = null;
  #playing = "";
  #out = null;

  /** `tell` hears which pattern sounds now. */
  constructor(tell = () => {}) {
    this.tell = tell;
  }

  /** Must be called while a click is being answered: browsers let no page sound by itself. */
  wake() {
    this.#context ??= new AudioContext();
    this.#context.resume();
    return this.#context;
  }

  /** `ringing` or `holding`, until another is asked for; "" is silence. */
  play(pattern) {
    if (pattern === this.#playing) return;
    this.#playing = pattern;
    this.tell(pattern);
    clearInterval(this.#timer);
    this.#out?.gain.setTargetAtTime(0, this.#context.currentTime, 0.04);
    this.#out = null;
    if (!pattern || !this.#context) return;
    this.#out = this.#context.createGain();
    this.#out.connect(this.#context.destination);
    const { every } = PATTERNS[pattern];
    this.#sound(PATTERNS[pattern]);
    this.#timer = setInterval(() => this.#sound(PATTERNS[pattern]), every);
  }

  #sound({ lasts, tones, gain }) {
    const from = this.#context.currentTime;
    const shape = this.#context.createGain();
    shape.gain.setValueAtTime(0, from);
    shape.gain.linearRampToValueAtTime(gain, from + 0.05);
    shape.gain.setValueAtTime(gain, from + lasts - 0.06);
    shape.gain.linearRampToValueAtTime(0, from + lasts);
    shape.connect(this.#out);
    for (const frequency of tones) {
      const tone = this.#context.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(shape);
      tone.start(from);
      tone.stop(from + lasts);
    }
  }
}
