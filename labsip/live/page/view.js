// The view: its parts, what comes from Python, and the one drawing a frame that it leads to.

const PATIENCE = 1500;
const LATE = "The kernel has not answered yet: it is busy with a cell. If it was started again, run the cell that shows this again.";
const GONE = "The kernel is gone: start it, and run the cells again.";

class View {
  constructor(send, label) {
    this.say = (said) => this.ask(send, said);
    this.state = {};
    this.phones = new Map();
    this.message = new Message();
    this.ladder = new Ladder((row) => this.say({ do: "message", row }));
    this.desk = el("div", { class: "desk" });
    this.alert = el("p", { class: "alert", role: "alert" });
    this.location = new Table("Location table", [["AoR", "AoR"], ["Address", "Address"], ["Expires", "Expires"], ["Q", "Q"]], "nobody is registered");
    this.commands = new Table("Commands of the route", [["line", "Line"], ["command", "Command"], ["result", "Result"]], "no command has run yet");
    this.faults = new Faults(this.say);
    this.machine = new Machine();
    this.filters = this.filter();
    this.node = el("div", { class: "labsip", role: "group", "aria-label": label, "data-lm-suppress-shortcuts": "true" });
    this.node.addEventListener("keydown", (event) => event.stopPropagation());
  }

  // Party, method, call; and a step forward or back.
  filter() {
    const wanted = () => this.say({ do: "filter", ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.value])) });
    const parts = { party: choice("Party", [], wanted), method: choice("Method", [], wanted), call: choice("Call", [], wanted) };
    const back = button("◀ Back", () => this.ladder.step(-1));
    const forward = button("Forward ▶", () => this.ladder.step(1));
    return { parts, node: el("div", { class: "keys filter" }, back, forward, ...Object.values(parts)) };
  }

  // Each thing said is answered; who waits for long is told why.
  ask(send, said) {
    try {
      send(said);
      this.waiting ??= setTimeout(() => this.late(LATE), PATIENCE);
    } catch {
      this.late(GONE);
    }
  }

  late(text) {
    this.lateness = text;
    this.soon();
  }

  answered() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.late("");
  }

  // --- what comes ------------------------------------------------------------------------------------------------

  hear(content) {
    if (content.all) this.state = content.all;
    for (const [name, value] of Object.entries(content.news || {})) {
      const table = value && value.put && this.state[name];
      if (!table) this.state[name] = value;
      else {
        for (const key of value.gone) delete table[key];
        Object.assign(table, value.put);
      }
    }
    if ("heard" in content) this.answered();
    else if ("message" in content) this.message.show(content.message);
    else this.soon();
  }

  // However much comes, it is drawn once a frame.
  soon() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.draw();
    });
  }

  draw() {
    const { state } = this;
    const parts = state.parts || [];
    if (this.parts !== parts.join()) this.build(parts);
    if (parts.includes("phones")) this.drawPhones(state.phones, state.on_call);
    if (parts.includes("ladder")) this.ladder.update(state);
    if (parts.includes("location")) this.location.update(state.location);
    if (parts.includes("commands")) this.commands.update(rows(state.commands));
    if (parts.includes("faults")) this.faults.update(state.faults);
    if (parts.includes("machine")) this.machine.update(state);
    if (parts.includes("filter")) this.drawFilters(state.filters);
    tell(this.alert, this.lateness || state.told || "");
  }

  build(parts) {
    this.parts = parts.join();
    const has = (name, node) => (parts.includes(name) ? node : null);
    const tables = ["location", "commands", "faults"].filter((name) => parts.includes(name)).map((name) => this[name].node);
    const walk = el("div", { class: "walk" }, this.ladder.node, this.message.then);
    const ladder = el("div", { class: "messages" }, walk, this.message.node);
    this.node.replaceChildren(...[
      this.alert, has("phones", this.desk), has("filter", this.filters.node), has("ladder", ladder), has("machine", this.machine.node),
      tables.length ? el("div", { class: "tables" }, ...tables) : null,
    ].filter(Boolean));
  }

  drawPhones(phones, onCall) {
    for (const [name, phone] of Object.entries(phones)) {
      if (!this.phones.has(name)) {
        this.phones.set(name, new Phone(name, this.say));
        this.desk.append(this.phones.get(name).node);
      }
      this.phones.get(name).update(phone, onCall);
    }
  }

  drawFilters(filters) {
    for (const [name, part] of Object.entries(this.filters.parts)) {
      part.offer([["", "all"], ...filters[name].map((value) => [value, value])]);
    }
  }
}

function rows(table) {
  return Object.keys(table).sort((a, b) => a - b).map((key) => table[key]);
}

function render({ model, el: place }) {
  const view = new View((said) => model.send(said), model.get("label"));
  const hear = (content) => view.hear(content);
  view.hear({ all: structuredClone(model.get("first")) });
  place.append(view.node);
  model.on("msg:custom", hear);
  model.send({ do: "here" });
  return () => {
    model.off("msg:custom", hear);
    model.send({ do: "gone" });
  };
}

export default { render };
