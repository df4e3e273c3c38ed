// A desk's one colour, made readable: text upon it and text in it keep the contrast people need.

const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
const hexOf = (rgb) => `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;

function luminance(hex) {
  const [red, green, blue] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2 contrast of two `#rrggbb` colours, 1 to 21. */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** White or near black, whichever reads better on a colour. */
export const inkOn = (colour) => (contrast(colour, "#ffffff") >= contrast(colour, "#111315") ? "#ffffff" : "#111315");

/** The colour moved towards the ink until it reads on the surface as text (4.5 to 1). */
export function readable(colour, surface) {
  const ink = channels(inkOn(surface));
  let shade = colour;
  for (let step = 0; contrast(shade, surface) < 4.5 && step < 20; step += 1) {
    shade = hexOf(channels(shade).map((value, index) => value + (ink[index] - value) * 0.12));
  }
  return shade;
}

/** Sets the custom properties a stylesheet builds on, for a light and a dark page. */
export function paint(style, colour) {
  const safe = /^#[0-9a-f]{6}$/i.test(colour) ? colour : "#1d6b57";
  style.setProperty("--accent", safe);
  style.setProperty("--on-accent", inkOn(safe));
  style.setProperty("--accent-ink-light", readable(safe, "#ffffff"));
  style.setProperty("--accent-ink-dark", readable(safe, "#17181b"));
}
