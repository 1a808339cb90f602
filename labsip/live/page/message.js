// One message: its lines, what the proxy changed, the lines of the route that ran for it, the proxy's tables.

const KINDS = { "+": "added", "-": "removed", "~": "was", ">": "is", ":": "remark" };
const MARKS = { "+": "+ new", "-": "- gone", "~": "~ before", ">": "> after" };

class Message {
  constructor() {
    this.closed = new Set(); // parts that somebody closed stay so in the next message
    this.hint = el("p", { class: "hint", role: "status" }, "Choose an arrow: click it, or go there with Tab and the arrow keys.");
    this.body = el("div", { class: "told" });
    this.node = el("section", { class: "message", "aria-label": "The chosen message" }, this.hint, this.body);
    this.then = el("section", { class: "then", "aria-label": "The proxy's tables, before and after", hidden: true });
  }

  show(told) {
    if (!told) return tell(this.hint, "This message is no longer in the record.");
    tell(this.hint, "Point at a header's name, or go there with Tab, to read what it is for.");
    this.body.replaceChildren(
      el("h4", { class: "title" }, told.title),
      this.route(told.route),
      this.part("message", "The message", this.lines(told.lines)),
      told.changes ? this.part("changes", `What the proxy changed: ${told.changes.title}`, this.lines(told.changes.lines)) : "",
    );
    this.then.hidden = false;
    this.then.replaceChildren(this.part("tables", "The proxy's tables, before and after", this.tables(told.tables)));
  }

  part(name, title, content) {
    const keep = (event) => (event.target.open ? this.closed.delete(name) : this.closed.add(name));
    return el("details", { open: !this.closed.has(name), ontoggle: keep }, el("summary", {}, title), content);
  }

  lines(lines) {
    return el("div", { class: "lines" }, ...lines.map((line) => this.line(line)));
  }

  line({ name, value, mark, about }) {
    const margin = mark === ":" ? "      " : mark ? `${mark} ` : "";
    const explain = () => tell(this.hint, about);
    const term = name ? el("dfn", { tabindex: "0", title: about, onmouseenter: explain, onfocus: explain }, name) : null;
    return el("div", { class: `line ${KINDS[mark] || ""}` }, margin, term, name ? `: ${value}` : value || "\u00a0");
  }

  route(blocks) {
    const none = el("p", { class: "quiet" }, "No line of a route ran for this message.");
    return this.part("route", "The route, line by line", el("div", {}, ...(blocks.length ? blocks.map((block) => this.block(block)) : [none])));
  }

  block({ label, note, lines }) {
    return el("div", {}, el("h5", {}, label), note ? el("p", { class: "quiet" }, note) : null,
      el("ol", { class: "source" }, ...lines.map((line) => this.source(line))));
  }

  tables({ note, tables }) {
    return el("div", {}, note ? el("p", { class: "quiet" }, note) : null, ...tables.map((table) => this.table(table)));
  }

  table({ title, columns, rows, nothing }) {
    const cell = (text, place) => el("td", { "data-column": columns[place] }, text);
    const line = ({ mark, cells }) => el("tr", { class: KINDS[mark] }, el("td", {}, MARKS[mark] || ""), ...cells.map(cell));
    const head = el("tr", {}, el("td"), ...columns.map((text) => el("th", { scope: "col" }, text)));
    const shown = el("table", { "aria-label": title }, el("thead", {}, head), el("tbody", {}, ...rows.map(line)));
    return el("div", {}, el("h5", {}, title), rows.length ? shown : el("p", { class: "quiet" }, nothing));
  }

  // Before a line what its command returned; a line with several commands has them below it, each with its name.
  source({ n, text, commands }) {
    const plain = commands.length === 1 && text;
    const told = (command) => [plain ? "" : command.command, command.result ? `→ ${command.result}` : plain ? "→" : "", command.sent ? "✉" : ""].filter(Boolean).join(" ");
    const title = (command) => `${command.command} ${command.result ? `returned ${command.result}` : "ran"}${command.sent ? ", and sent this message" : ""}`;
    const said = commands.map((command) => el("span", { class: "result", title: title(command) }, told(command)));
    const printed = commands.filter((command) => command.text).map((command) => el("div", { class: "printed" }, `“${command.text}”`));
    const code = el("code", {}, text);
    if (plain) return el("li", { class: "ran", value: n }, el("span", { class: "before" }, ...said), code, ...printed);
    return el("li", { class: commands.length ? "ran" : "", value: n }, el("span", { class: "before" }), code, el("div", {}, ...said), ...printed);
  }
}
