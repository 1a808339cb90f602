// A transaction: the figure of its machine, and a slider through its steps.

const TYPE = 17;

class Machine {
  constructor() {
    this.at = 0;
    this.which = choice("Transaction", [], () => this.pick());
    this.slider = el("input", { type: "range", min: 0, step: 1, "aria-label": "Step", oninput: () => this.go(Number(this.slider.value)) });
    const back = button("◀ Back", () => this.go(this.at - 1));
    const forward = button("Forward ▶", () => this.go(this.at + 1));
    this.now = el("p", { class: "now", role: "status" });
    this.timers = el("div", { class: "timers" });
    this.figure = el("div", { class: "figure" });
    this.node = el("section", { class: "machine", "aria-label": "Transactions" },
      this.which, el("div", { class: "keys" }, back, this.slider, forward), this.now, this.timers, this.figure);
  }

  update(state) {
    const told = JSON.stringify(state.runs);
    if (told === this.told) return; // what was chosen stays
    this.told = told;
    this.state = state;
    this.which.offer(state.runs.map((run, place) => [String(place), run.title]));
    this.pick();
  }

  pick() {
    this.run = this.state.runs[Number(this.which.value || 0)];
    if (!this.run) return tell(this.now, "no transactions");
    this.slider.max = this.run.steps.length - 1;
    this.go(0);
  }

  go(place) {
    const steps = this.run.steps;
    this.at = Math.max(0, Math.min(steps.length - 1, place));
    const step = steps[this.at];
    this.slider.value = this.at;
    const told = `${this.at + 1} of ${steps.length}: at ${step.t} s, ${step.event} → ${step.state}`;
    this.slider.setAttribute("aria-valuetext", told);
    tell(this.now, told);
    const most = Math.max(1, ...steps.flatMap((one) => one.timers.map((timer) => timer.left)));
    this.timers.replaceChildren(...(step.timers.length
      ? step.timers.map(({ name, left }) => el("div", { class: "timer" }, el("span", {}, `timer ${name}: ${left.toFixed(3)} s left`), el("meter", { max: most, value: left, "aria-hidden": "true" })))
      : [el("div", { class: "timer quiet" }, "no timer runs")]));
    this.figure.replaceChildren(this.draw(this.state.charts[this.run.machine], steps.slice(0, this.at + 1), this.state.ink));
  }

  // The same figure as the static one: loops on the left, ways down in the middle, rails on the right.
  draw(chart, steps, ink) {
    const { boxes } = chart;
    const widest = (labels) => Math.max(0, ...labels.map((label) => widthOf(`${label.text} ×10`, "bold 12px sans-serif")));
    const half = Math.max(...boxes.map((box) => widthOf(box.state, "bold 13px sans-serif"))) / 2 + 18;
    const left = widest(boxes.flatMap((box) => box.loop)) + 50;
    const [middle, right] = [left + half, left + 2 * half];
    const exits = widest(boxes.flatMap((box) => box.exits.flatMap((exit) => exit.labels)));
    const targets = [...new Set(boxes.flatMap((box) => box.exits.map((exit) => exit.target)))].sort((a, b) => a - b);
    const rail = (target) => right + exits + 24 + 20 * targets.indexOf(target);
    const width = Math.max(right + exits + 40 + 20 * targets.length, middle + widest(boxes.flatMap((box) => box.down)) + 20);
    const here = { left, right, middle, rail, ink, steps };
    const begin = boxes[0].top * TYPE;
    const height = chart.height * TYPE;
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${this.run.machine} machine, now ${steps.at(-1).state}` },
      way(`M ${middle} ${begin - 20} V ${begin - 6}`), tip(middle, begin, "down"),
      words([{ text: chart.begin, kind: "" }], middle + 8, begin - 9, "start", here, null),
      ...targets.flatMap((target) => this.rail(target, boxes, here)),
      ...boxes.flatMap((box, place) => this.box(box, boxes[place + 1], here)));
  }

  box(box, below, here) {
    const { left, right, middle, steps } = here;
    const [top, foot] = [box.top * TYPE, box.foot * TYPE];
    const centre = (top + foot) / 2;
    const seen = steps.some((step) => step.state === box.state);
    const current = steps.at(-1).state === box.state;
    const parts = [
      svg("g", { class: `state ${seen ? "seen" : ""} ${current ? "current" : ""}` },
        svg("rect", { x: left, y: top, width: right - left, height: foot - top, rx: 4 }),
        svg("text", { x: middle, y: centre + 5, "text-anchor": "middle" }, `${current ? "▶ " : seen ? "✓ " : ""}${box.state}`)),
    ];
    if (box.loop.length) {
      const high = Math.max(7, (box.loop.length * TYPE) / 2 - 4);
      parts.push(way(`M ${left} ${centre - high} h -28 v ${2 * high} h 22`), tip(left, centre + high, "right"));
      parts.push(words(box.loop, left - 36, centre - ((box.loop.length - 1) * TYPE) / 2 + 4, "end", here, box.state));
    }
    if (box.down.length && below) {
      parts.push(way(`M ${middle} ${foot} V ${below.top * TYPE - 6}`), tip(middle, below.top * TYPE, "down"));
      parts.push(words(box.down, middle + 8, foot + 1.2 * TYPE, "start", here, box.state));
    }
    for (const exit of box.exits) {
      parts.push(way(`M ${right} ${exit.y * TYPE} H ${here.rail(exit.target)}`));
      parts.push(words(exit.labels, right + 8, (exit.y - exit.labels.length + 1) * TYPE - 4, "start", here, box.state));
    }
    return parts;
  }

  rail(target, boxes, { right, rail }) {
    const start = Math.min(...boxes.flatMap((box) => box.exits.filter((exit) => exit.target === target).map((exit) => exit.y)));
    const entry = (boxes[target].top + 0.5) * TYPE;
    return [way(`M ${rail(target)} ${start * TYPE} V ${entry} H ${right + 6}`), tip(right, entry, "left")];
  }
}

function way(d) {
  return svg("path", { class: "way", d });
}

function tip(x, y, to) {
  const shape = { down: `M ${x} ${y} l -4 -8 h 8 Z`, right: `M ${x} ${y} l -8 -4 v 8 Z`, left: `M ${x} ${y} l 8 -4 v 8 Z` }[to];
  return svg("path", { class: "tip", d: shape });
}

// Labels below each other; an arrow that was taken is underlined, and says how often.
function words(labels, x, y, anchor, { ink, steps }, state) {
  const last = steps.at(-1);
  return svg("g", {}, ...labels.map((label, place) => {
    const times = state == null ? 0 : steps.filter((step) => step.before === state && step.event === label.event).length;
    const now = times && last.before === state && last.event === label.event;
    const kind = `event ${times ? "taken" : ""} ${now ? "last" : ""}`;
    const text = times > 1 ? `${label.text} ×${times}` : label.text;
    const colour = ink[label.kind] ? `--ink: ${ink[label.kind].colour}` : null;
    return svg("text", { class: kind, x, y: y + place * TYPE, "text-anchor": anchor, style: colour }, text);
  }));
}
