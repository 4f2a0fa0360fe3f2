// One dashboard: its rows and panels, each with its description and the way to its runbook.
import { charted, closed } from "./charts.js";
import { make } from "./dom.js";
import { marked } from "marked";
import { JUDGED, MARKS, level, said } from "./units.js";

let numbers = 0;

export class Board {
  constructor(dashboard, main, openRunbook) {
    this.name = dashboard.name;
    this.panels = [];
    const rows = dashboard.rows.map((row) => this.row(row, openRunbook));
    main.replaceChildren(make("p", { class: "says" }, dashboard.description), ...rows);
  }

  row(row, openRunbook) {
    const grid = make("div", { class: "row" });
    grid.style.setProperty("--height", row.height);
    for (const panel of row.panels) {
      const shown = new Shown(panel, openRunbook);
      shown.node.style.setProperty("--width", panel.width);
      this.panels.push(shown);
      grid.append(shown.node);
    }
    return make("section", {}, make("h2", {}, row.title), grid);
  }

  /** Ask anew for all panels; how many could not be read. */
  async renew(asker, choice) {
    const went = await Promise.all(this.panels.map((each) => each.renew(asker, choice)));
    return went.filter((well) => !well).length;
  }

  close() {
    for (const each of this.panels) closed(each.body);
  }
}

class Shown {
  constructor(panel, openRunbook) {
    this.panel = panel;
    const id = `about-${++numbers}`;
    const link = make("a", { href: `runbooks/${panel.runbook}.md` }, "What to do");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.about.hidePopover();
      openRunbook(panel.runbook);
    });
    this.about = make("div", { id, popover: "auto", class: "about" }, make("h4", {}, panel.title), make("p", {}, panel.description), link);
    const ask = make("button", { type: "button", popovertarget: id, "aria-label": `About: ${panel.title}` }, "i");
    this.body = make("div", { class: "body" });
    this.node = make("article", { class: `panel ${panel.kind}` }, make("div", { class: "head" }, make("h3", {}, panel.title), ask), this.about, this.body);
    if (panel.kind === "text") this.body.innerHTML = marked.parse(panel.text); // our own text
    if (panel.kind === "text" || panel.kind === "table") this.body.tabIndex = 0; // so that the keyboard can scroll it
  }

  async renew(asker, choice) {
    if (this.panel.kind === "text") return true;
    try {
      this.draw(await asker.answers(this.panel, choice));
      return true;
    } catch (reason) {
      closed(this.body);
      this.body.replaceChildren(make("p", { class: "trouble" }, reason.message));
      return false;
    }
  }

  draw(found) {
    const has = found.answers.some((each) => each.points.some(([, value]) => !Number.isNaN(value)));
    if (!has) {
      closed(this.body);
      const why = this.panel.empty_when;
      const words = why ? `${why[0].toUpperCase()}${why.slice(1)}.` : "There is nothing to show, and there should be.";
      this.body.replaceChildren(make("p", { class: why ? "empty" : "trouble" }, words));
    } else if (this.panel.kind === "stat") this.body.replaceChildren(stats(this.panel, found.answers));
    else if (this.panel.kind === "table") this.body.replaceChildren(table(this.panel, found.answers));
    else charted(this.panel, found, this.body);
  }
}

function stats(panel, answers) {
  const all = make("dl", { class: answers.length > 1 ? "stats several" : "stats" });
  for (const each of answers) {
    const value = each.points.at(-1)[1];
    const judged = level(value, panel);
    const mark = make("span", { class: "mark", role: "img", "aria-label": JUDGED[judged] || "not judged" }, MARKS[judged]);
    const shown = make("dd", {}, said(value, panel.unit, panel.words), ...(MARKS[judged] ? [" ", mark] : []));
    all.append(make("div", { class: judged }, make("dt", {}, each.name || panel.title), shown));
  }
  if (answers.length === 1 && !answers[0].name) all.querySelector("dt").className = "unseen";
  return all;
}

function table(panel, answers) {
  const columns = Object.entries(panel.columns).filter(([label]) => label === "Value" || answers.some((each) => each.labels[label]));
  const head = make("tr", {}, ...columns.map(([, heading]) => make("th", { scope: "col" }, heading)));
  const rows = answers.map((each) => {
    const value = each.points.at(-1)[1];
    return make("tr", {}, ...columns.map(([label]) => make("td", { class: label === "Value" ? "number" : "" }, label === "Value" ? said(value, panel.unit, panel.words) : each.labels[label] ?? "")));
  });
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
}
