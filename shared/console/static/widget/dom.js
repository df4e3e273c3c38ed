// Builds elements from data alone, so that no text of a customer or a model is ever parsed as HTML.

/** An element: `h("p", { class: "note", onclick: f }, "text", child)`. Absent children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** A 24 by 24 line drawing from path data; decoration, so hidden from screen readers. */
export function icon(...paths) {
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
  svg.append(...paths.map((d) => make("path", { d })));
  return svg;
}

export const ICONS = {
  chat: ["M20 11.5a7.5 7.5 0 0 1-11 6.6L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5Z"],
  call: ["M6.5 3.5h3l1.5 4.5-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  send: ["M12 19V5", "M6 11l6-6 6 6"],
  attach: ["M20 11.5l-7.8 7.8a5 5 0 0 1-7.1-7.1l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3"],
  file: ["M7 3.5h7l4 4v13H7z", "M14 3.5v4h4"],
};

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;

/** Text as nodes: web addresses become links that open apart, everything else stays text. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]}'"»”’।]+$/u, "");
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(end, match.index));
    nodes.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
