// A phone: what it is up to, and its buttons.

const VERBS = [
  ["register", "Register"], ["unregister", "Unregister"],
  ["answer", "Answer"], ["reject", "Reject"], ["cancel", "Cancel"], ["hang_up", "Hang up"],
];

class Phone {
  constructor(name, say) {
    this.press = (verb, more = {}) => say({ do: "phone", phone: name, verb, ...more });
    this.doing = el("p", { class: "doing", role: "status" });
    this.facts = el("p", { class: "quiet" });
    this.target = el("input", { size: 8, placeholder: "108", autocomplete: "off", "aria-label": `Number for ${name} to call` });
    this.text = el("input", { size: 12, placeholder: "hello", autocomplete: "off", "aria-label": `Text for ${name} to send` });
    this.target.addEventListener("keydown", (event) => event.key === "Enter" && this.call());
    this.buttons = Object.fromEntries(VERBS.map(([verb, text]) => [verb, button(text, () => this.press(verb))]));
    this.buttons.call = button("Call", () => this.call());
    this.buttons.message = button("Send", () => this.press("message", { target: this.target.value, text: this.text.value }));
    this.plug = button("Go offline", () => this.press(this.online ? "offline" : "online"));
    this.mute = button("Mute", () => this.press("mute"), { title: "Lose all it sends" });
    this.called = choice("When called", [], (value) => this.press("on_call", { on_call: value }));
    const { register, unregister, answer, reject, cancel, hang_up, call, message } = this.buttons;
    this.node = el("section", { class: "phone", "aria-label": `Phone ${name}`, "data-phone": name },
      el("h4", {}, name), this.doing, this.facts,
      el("div", { class: "keys" }, el("label", {}, el("span", {}, "To"), this.target), call, el("label", {}, el("span", {}, "Text"), this.text), message),
      el("div", { class: "keys" }, answer, reject, cancel, hang_up),
      el("div", { class: "keys" }, register, unregister, this.plug, this.mute),
      el("div", { class: "keys" }, this.called));
  }

  call() {
    this.press("call", { target: this.target.value });
  }

  update(phone, onCall) {
    tell(this.doing, phone.doing);
    const facts = [["last heard", phone.heard], ["", phone.call], ["message from", phone.inbox]];
    tell(this.facts, facts.filter(([, value]) => value).map(([name, value]) => (name ? `${name}: ${value}` : value)).join(" · ") || "nothing heard yet");
    for (const [verb, node] of Object.entries(this.buttons)) enable(node, phone.can.includes(verb));
    this.online = phone.online;
    tell(this.plug, phone.online ? "Go offline" : "Go online");
    tell(this.mute, phone.muted ? "Unmute" : "Mute");
    this.mute.setAttribute("aria-pressed", phone.muted ? "true" : "false");
    this.called.offer([...(phone.on_call ? [] : [["", "as the cell said"]]), ...Object.entries(onCall)]);
    this.called.value = phone.on_call;
    this.node.classList.toggle("rings", phone.can.includes("answer"));
    this.node.classList.toggle("offline", !phone.online);
  }
}
