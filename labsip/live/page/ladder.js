// The ladder: where things stand comes from Python's layout, in steps; here they get pixels.

const STEP = 26;
const MARGIN = 54;
const LOST_AT = 0.72;
const LOOP = 30;
const pen = document.createElement("canvas").getContext("2d");

const widths = new Map();

function widthOf(text, font = "12px sans-serif") {
  const key = `${font} ${text}`;
  if (!widths.has(key)) {
    pen.font = font;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

class Ladder {
  // pick(row): an arrow was chosen.
  constructor(pick) {
    this.pick = pick;
    this.rows = new Map();
    this.chosen = null;
    this.order = [];
    this.names = svg("svg", { class: "names", "aria-hidden": "true" });
    this.back = svg("g");
    this.front = svg("g");
    this.paper = svg("svg", { class: "paper", role: "listbox", "aria-label": "Messages, in order" }, this.back, this.front);
    this.empty = el("p", { class: "quiet" }, "no messages yet");
    this.rest = el("p", { class: "quiet" });
    this.node = el("div", { class: "ladder" }, this.names, this.empty, this.paper, this.rest);
    this.paper.addEventListener("keydown", (event) => this.key(event));
  }

  update(state) {
    const follow = this.node.scrollTop + this.node.clientHeight >= this.node.scrollHeight - STEP;
    const arrows = Object.entries(state.arrows).sort((a, b) => a[1].y - b[1].y);
    const places = this.places(state, arrows.map((entry) => entry[1]));
    const frame = JSON.stringify([places, state.ink]);
    if (frame !== this.frame) {
      this.frame = frame;
      this.rows.clear();
      this.front.replaceChildren();
    }
    this.order = arrows.map(([row]) => row);
    const there = new Set(this.order);
    for (const [row, drawn] of this.rows) {
      if (!there.has(row)) {
        drawn.node.remove();
        this.rows.delete(row);
      }
    }
    for (const [row, arrow] of arrows) this.place(row, arrow, places, state);
    this.stand(state, places);
    if (!there.has(this.chosen)) this.chosen = null;
    this.mark();
    this.empty.hidden = arrows.length > 0;
    this.paper.toggleAttribute("hidden", arrows.length === 0);
    this.names.toggleAttribute("hidden", arrows.length === 0);
    tell(this.rest, state.rest || "");
    if (follow) this.node.scrollTop = this.node.scrollHeight;
  }

  // Where the lanes stand, in pixels: each far enough from the next for what is written between them.
  places(state, arrows) {
    const halves = state.lanes.map((name) => widthOf(name, "bold 13px sans-serif") / 2 + 12);
    const rooms = halves.slice(1).map((half, place) => Math.max(110, halves[place] + half + 12));
    for (const arrow of arrows) {
      const place = arrow.dst >= arrow.src ? arrow.src : arrow.src - 1;
      const part = arrow.lost && Math.abs(arrow.dst - arrow.src) === 1 ? LOST_AT : 1;
      if (place < rooms.length) rooms[place] = Math.max(rooms[place], (widthOf(arrow.text) + 32) / part);
    }
    const lanes = [MARGIN + (halves[0] || 0)];
    for (const room of rooms) lanes.push(lanes.at(-1) + Math.ceil(room / 10) * 10);
    const loops = arrows.filter((arrow) => arrow.src === arrow.dst).map((arrow) => lanes[arrow.src] + LOOP + widthOf(arrow.text) + 20);
    return { lanes, width: Math.max(lanes.at(-1) + (halves.at(-1) || 0) + 8, ...loops) };
  }

  place(row, arrow, places, state) {
    const told = JSON.stringify([arrow, state.lanes]);
    const known = this.rows.get(row);
    if (known && known.told === told) return;
    const node = this.draw(row, arrow, places, state);
    if (known) {
      const focused = known.node === known.node.getRootNode().activeElement;
      known.node.replaceWith(node);
      if (focused) node.focus();
    } else this.front.append(node);
    this.rows.set(row, { node, told });
  }

  draw(row, arrow, { lanes, width }, state) {
    const ink = state.ink[arrow.kind] || state.ink.other;
    const [from, to] = [state.lanes[arrow.src], state.lanes[arrow.dst]];
    const start = lanes[arrow.src];
    const way = arrow.dst >= arrow.src ? 1 : -1;
    const loop = arrow.src === arrow.dst;
    let end = lanes[arrow.dst];
    const near = lanes[arrow.src + way] ?? end;
    if (arrow.lost) end = start + LOST_AT * (end - start);
    const y = arrow.y * STEP;
    const dashes = arrow.again ? "6 3" : ink.dashes;
    const line = loop
      ? `M ${start} ${y - 6} h ${LOOP} v 12 h ${-LOOP}`
      : `M ${start} ${y} H ${end - (arrow.lost ? 0 : way * 5)}`;
    const middle = loop ? start + LOOP + 6 : (start + (way > 0 ? Math.min(near, end) : Math.max(near, end))) / 2;
    return svg(
      "g",
      {
        class: `arrow ${arrow.kind}`,
        role: "option",
        tabindex: "-1",
        "aria-selected": "false",
        "data-row": row,
        "aria-label": `${arrow.t} seconds, ${from} to ${to}, ${arrow.text}`,
        style: `--ink: ${ink.colour}`,
        onclick: () => this.choose(row, true),
      },
      svg("rect", { class: "hit", x: 0, y: y - STEP * 0.68, width, height: STEP }),
      svg("text", { class: "time", x: MARGIN - 12, y: y + 4, "text-anchor": "end" }, arrow.t),
      svg("path", { class: "line", d: line, "stroke-width": ink.width, "stroke-dasharray": dashes || null }),
      this.tail(ink.tail, start, loop ? y - 6 : y),
      this.head(arrow, end, loop ? y + 6 : y, loop ? -1 : way),
      svg("text", { class: "label", x: middle, y: y - 5 + (loop ? 9 : 0), "text-anchor": loop ? "start" : "middle" }, arrow.text),
      arrow.note ? svg("text", { class: "quiet", x: middle, y: y + 15, "text-anchor": "middle" }, arrow.note) : null,
    );
  }

  head(arrow, x, y, way) {
    if (arrow.lost) return svg("path", { class: "cross", d: `M ${x - 5} ${y - 5} l 10 10 m -10 0 l 10 -10` });
    const d = `M ${x - way * 9} ${y - 4} L ${x} ${y} L ${x - way * 9} ${y + 4}`;
    if (arrow.kind === "provisional") return svg("path", { class: "cross", d });
    return svg("path", { class: arrow.again ? "hollow" : "solid", d: `${d} Z` });
  }

  tail(kind, x, y) {
    if (kind === "ring") return svg("circle", { class: "hollow", cx: x, cy: y, r: 3.2 });
    if (kind === "dot") return svg("circle", { class: "solid", cx: x, cy: y, r: 3.6 });
    if (kind === "diamond") return svg("path", { class: "solid", d: `M ${x - 5} ${y} l 5 -5 l 5 5 l -5 5 Z` });
    return null;
  }

  // Names on top, lanes and gaps behind the arrows.
  stand(state, { lanes: places, width }) {
    const foot = state.height * STEP;
    const told = JSON.stringify([state.lanes, state.gaps, state.names, foot, width, places]);
    if (told === this.stood) return;
    this.stood = told;
    for (const [node, height] of [[this.names, 28], [this.paper, foot]]) {
      node.setAttribute("width", width);
      node.setAttribute("height", height);
      node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
    const lanes = state.lanes.map((name, place) => [name, places[place]]);
    this.names.replaceChildren(...lanes.flatMap(([name, x]) => plate(name, x, 15)));
    const again = state.names.slice(1).flatMap((y) => lanes.flatMap(([name, x]) => plate(name, x, y * STEP)));
    this.back.replaceChildren(
      ...lanes.map(([, x]) => svg("path", { class: "lane", d: `M ${x} 0 V ${foot}` })),
      ...state.gaps.flatMap((gap) => this.gap(gap, places)),
      ...again,
    );
  }

  gap(gap, places) {
    const y = gap.y * STEP;
    const dots = places.map((x) => svg("path", { class: "pause", d: `M ${x} ${y - STEP / 2} v ${STEP}` }));
    const x = (places[0] + (places[1] ?? places[0])) / 2;
    return [...dots, svg("text", { class: "quiet", x, y: y + 4, "text-anchor": "middle" }, gap.text)];
  }

  // --- choosing --------------------------------------------------------------------------------------------------

  choose(row, focus) {
    if (row == null || !this.rows.has(row)) return;
    this.chosen = row;
    this.mark();
    const { node } = this.rows.get(row);
    if (focus) node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.pick(Number(row));
  }

  // Of all arrows one can be reached with Tab: the chosen one, or the first.
  mark() {
    const first = this.chosen ?? this.order[0];
    for (const row of new Set([...(this.marked || []), first])) {
      const node = this.rows.get(row)?.node;
      if (!node) continue;
      node.setAttribute("tabindex", row === first ? "0" : "-1");
      node.setAttribute("aria-selected", row === this.chosen ? "true" : "false");
    }
    this.marked = [first];
  }

  step(by) {
    const at = this.order.indexOf(this.chosen);
    const next = at < 0 ? (by > 0 ? 0 : this.order.length - 1) : Math.max(0, Math.min(this.order.length - 1, at + by));
    this.choose(this.order[next], false);
  }

  key(event) {
    const row = event.target.closest(".arrow")?.dataset.row;
    if (row == null) return;
    const at = this.order.indexOf(row);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.order.length - 1, Enter: at, " ": at }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.choose(this.order[Math.max(0, Math.min(this.order.length - 1, next))], true);
  }
}

function plate(name, x, y) {
  const half = widthOf(name, "bold 13px sans-serif") / 2 + 9;
  return [
    svg("rect", { class: "plate", x: x - half, y: y - 11, width: 2 * half, height: 22, rx: 11 }),
    svg("text", { class: "name", x, y: y + 4.5, "text-anchor": "middle" }, name),
  ];
}
