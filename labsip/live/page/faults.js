// The wires: what can be broken between two parties, and what is.

class Faults {
  constructor(say) {
    this.say = (verb) => say({ do: "fault", verb, src: this.from.value, dst: this.to.value, what: this.what.value });
    this.from = choice("From", [], () => {});
    this.to = choice("to", [], () => {});
    this.what = choice("message", [], () => {});
    this.keys = el("div", { class: "keys", role: "group", "aria-label": "What to do to this wire" });
    this.broken = el("ul", { class: "broken", "aria-label": "Wires that are broken" });
    this.node = el("section", { class: "faults", "aria-label": "Wires" }, el("h4", {}, "Wires"),
      el("div", { class: "keys" }, this.from, this.to, this.what), this.keys, this.broken,
      el("div", { class: "keys" }, button("Mend all", () => this.say("mend_all")), button("Restart the proxy", () => this.say("restart"))),
      (this.notes = el("div", { class: "quiet notes", role: "status" })));
  }

  update(faults) {
    const parties = [["", "anybody"], ...faults.parties.map((name) => [name, name])];
    const first = !this.keys.childElementCount;
    this.from.offer(parties);
    this.to.offer(parties);
    this.what.offer(faults.what.map((what) => [what, what || "anything"]));
    if (first) {
      this.from.value = faults.parties[1] ?? "";
      this.to.value = faults.parties[0] ?? "";
      this.what.value = faults.what[0];
      this.keys.replaceChildren(...Object.entries(faults.switches).map(([verb, text]) => button(text, () => this.say(verb))));
    }
    tell(this.notes, faults.notes.join("\n"));
    const told = faults.broken.length ? faults.broken : ["all wires are whole"];
    if (told.join("\n") === this.told) return;
    this.told = told.join("\n");
    this.broken.replaceChildren(...told.map((text) => el("li", {}, text)));
  }
}
