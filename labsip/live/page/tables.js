// Tables of rows that are objects: the location table, the commands.

class Table {
  constructor(title, columns, nothing) {
    this.columns = columns;
    this.nothing = nothing;
    this.body = el("tbody");
    const head = el("tr", {}, ...columns.map(([, text]) => el("th", { scope: "col" }, text)));
    this.box = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, el("table", {}, el("thead", {}, head), this.body));
    this.node = el("section", { class: "table" }, el("h4", {}, title), this.box);
  }

  update(rows) {
    const told = JSON.stringify(rows);
    if (told === this.told) return;
    this.told = told;
    const cells = (row) => this.columns.map(([name, text]) => el("td", { "data-column": text }, row[name]));
    const lines = rows.map((row) => el("tr", {}, ...cells(row)));
    const none = el("tr", {}, el("td", { class: "quiet", colspan: this.columns.length }, this.nothing));
    this.body.replaceChildren(...(lines.length ? lines : [none]));
    this.box.scrollTop = this.box.scrollHeight;
  }
}
