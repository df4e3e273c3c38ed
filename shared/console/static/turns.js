// Draws one turn from its receipt: its steps on one time line, and what they took and cost.

const OUTCOMES = { answered: "Answered", handed_over: "Handed to a person", apologised: "Apologised", silent: "Said nothing" };
const KINDS = { model: "Model", signals: "Signals", tool: "Tool", guard: "Check", summary: "Summary" };

// 24 hours, as the desk writes its times beside it.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const number = new Intl.NumberFormat();

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null && value !== false) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child != null && child !== false && child !== ""));
  return element;
}

export const duration = (ms) => (ms < 1 ? "<1 ms" : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

export function cost(money, currency = "USD") {
  if (!money) return "no cost";
  return new Intl.NumberFormat(undefined, { style: "currency", currency, maximumSignificantDigits: 3 }).format(money);
}

/** A value as people write it: lines of `name: value`, lists with commas, deeper things as JSON. */
function plain(value) {
  if (value === null || typeof value !== "object") return String(value);
  const flat = (one) => (one !== null && typeof one === "object" ? JSON.stringify(one) : String(one));
  if (Array.isArray(value)) return value.map(flat).join(value.some((one) => typeof one === "object") ? "\n" : ", ");
  const lines = Object.entries(value).map(([name, one]) => `${name}: ${Array.isArray(one) ? plain(one) : flat(one)}`);
  return lines.join("\n") || "nothing";
}

function drawDetail({ detail = {}, sources = [], error, input, output, money }, currency) {
  const rows = Object.entries(detail).map(([name, value]) => [name.replaceAll("_", " "), plain(value)]);
  if (input || output) rows.push(["tokens", `${number.format(input ?? 0)} in, ${number.format(output ?? 0)} out`]);
  if (money) rows.push(["cost", cost(money, currency)]);
  if (sources.length) rows.push(["sources", sources.join("\n")]);
  const lines = rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)]);
  if (error) lines.push(h("dt", {}, "error"), h("dd", { class: "error" }, error));
  return lines.length ? h("dl", { class: "detail" }, lines) : null;
}

function drawStep(step, start, scale, { currency, turn }, index) {
  const bar = h("i");
  bar.style.insetInlineStart = `${(start / scale) * 100}%`;
  bar.style.width = `${(step.ms / scale) * 100}%`;
  const label = step.kind === step.name ? KINDS[step.kind] : [h("small", {}, `${KINDS[step.kind]} `), step.name];
  const row = [
    h("span", { class: "what", title: step.name }, label),
    h("span", { class: "track", "aria-hidden": "true" }, bar),
    h("span", { class: "ms" }, duration(step.ms)),
  ];
  const detail = drawDetail(step, currency);
  const attributes = { class: `step ${step.error ? "failed" : ""}`, "data-kind": step.kind, "data-name": step.name };
  if (!detail) return h("div", attributes, h("div", { class: "row" }, row));
  return h("details", { ...attributes, id: `turn-${turn}-${index}` }, h("summary", {}, row), detail);
}

function drawSignals(signals) {
  const shown = Object.entries(signals).filter(([, value]) => value != null);
  if (!shown.length) return null;
  const words = (value) => (typeof value === "number" ? value.toFixed(2) : value === true ? "yes" : value === false ? "no" : value);
  return h("ul", { class: "signals" }, shown.map(([name, value]) => h("li", {}, h("b", {}, `${name.replaceAll("_", " ")} `), words(value))));
}

/** A receipt as a row that opens; `open` shows its steps at once. */
export function drawTurn(receipt, open) {
  const { turn, outcome, started_at, ms, steps = [], signals = {}, model, input = 0, output = 0, money, currency, config_version } = receipt;
  const taken = steps.reduce((sum, step) => sum + step.ms, 0);
  const scale = Math.max(ms, taken, 1);
  let start = 0;
  const rows = steps.map((step, index) => {
    const row = drawStep(step, start, scale, { currency, turn }, index);
    start += step.ms;
    return row;
  });
  const facts = [clock.format(new Date(started_at)), model, `${number.format(input + output)} tokens`, cost(money, currency), `version ${config_version}`];
  return h("details", { class: "turn", id: `turn-${turn}`, open: open ? "" : null, "data-outcome": outcome },
    h("summary", {},
      h("strong", {}, OUTCOMES[outcome] ?? outcome),
      h("span", { class: "took" }, duration(ms)),
      h("span", { class: "facts" }, facts.filter(Boolean).join("  ·  "))),
    drawSignals(signals),
    h("div", { class: "steps" }, rows));
}

export const drawWorking = () => h("li", { class: "working", role: "status" }, "Working on it…");
