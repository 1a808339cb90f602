// Elements, made in one call: el("button", {class: "big", onclick: press}, "Press").

const SVG = "http://www.w3.org/2000/svg";

function el(name, attributes = {}, ...children) {
  return dress(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, name), attributes, children);
}

function dress(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== ""));
  return node;
}

// A button that can be reached while it does nothing, so that the focus never gets lost.
function button(text, press, attributes = {}) {
  const off = (node) => node.getAttribute("aria-disabled") === "true";
  return el("button", { type: "button", onclick: (event) => off(event.currentTarget) || press(event), ...attributes }, text);
}

function enable(node, on) {
  node.setAttribute("aria-disabled", on ? "false" : "true");
}

function choice(label, options, change) {
  const select = el("select", { "aria-label": label, onchange: () => change(select.value) });
  const node = el("label", {}, el("span", { "aria-hidden": "true" }, label), select);
  node.offer = (entries) => {
    const now = select.value;
    const told = JSON.stringify(entries);
    if (node.told === told) return;
    node.told = told;
    select.replaceChildren(...entries.map(([value, text]) => el("option", { value }, text)));
    if (entries.some(([value]) => value === now)) select.value = now;
  };
  node.offer(options);
  Object.defineProperty(node, "value", { get: () => select.value, set: (value) => (select.value = value) });
  return node;
}

// Text is told only when it changed: what reads it aloud would say it again.
function tell(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
