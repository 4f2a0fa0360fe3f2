// The page: which dashboard, of which service, over which time; all of it stands in the address, so that it can be passed on.
import { Asker } from "./prometheus.js";
import { Board } from "./board.js";
import { openRunbook } from "./runbook.js";

const RANGES = { "5m": 300, "15m": 900, "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800 };
const EVERY = { "5 s": 5, "15 s": 15, "1 min": 60, "not by itself": 0 };

const told = await (await fetch("dashboards.json")).json();
const where = await (await fetch("where.json")).json();
const asker = new Asker(where.prometheus, where.every_seconds);
const tabs = document.getElementById("tabs");
const choices = document.getElementById("choices");
const main = document.getElementById("dashboard");
const state = document.getElementById("state");

let board = null;
let timer = null;

function chosen() {
  const given = new URLSearchParams(location.hash.slice(1));
  const one = (name, allowed, otherwise) => (allowed.includes(given.get(name)) ? given.get(name) : otherwise);
  return {
    dashboard: one("dashboard", told.dashboards.map((each) => each.name), told.dashboards[0].name),
    job: one("job", told.jobs, told.jobs[0]),
    range: one("range", Object.keys(RANGES), "15m"),
    every: one("every", Object.keys(EVERY), "5 s"),
  };
}

function choose(change) {
  history.replaceState(null, "", `#${new URLSearchParams({ ...chosen(), ...change })}`);
  show();
}

function fill(name, options) {
  const select = choices.elements[name];
  select.replaceChildren(...options.map((each) => new Option(each, each)));
  select.addEventListener("change", () => choose({ [name]: select.value }));
}

function makeTabs() {
  for (const each of told.dashboards) {
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", id: `tab-${each.name}`, textContent: each.title, title: each.description });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", "dashboard");
    tab.addEventListener("click", () => choose({ dashboard: each.name }));
    tabs.append(tab);
  }
  tabs.addEventListener("keydown", (event) => {
    const all = [...tabs.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = all[(to + all.length) % all.length];
    tab.click();
    tab.focus();
  });
}

function show() {
  const now = chosen();
  const dashboard = told.dashboards.find((each) => each.name === now.dashboard);
  for (const tab of tabs.children) {
    const is = tab.id === `tab-${now.dashboard}`;
    tab.setAttribute("aria-selected", is);
    tab.tabIndex = is ? 0 : -1;
  }
  main.setAttribute("aria-labelledby", `tab-${now.dashboard}`);
  for (const name of ["job", "range", "every"]) choices.elements[name].value = now[name];
  document.getElementById("job-choice").hidden = !dashboard.asks_for_job;
  document.title = `${dashboard.title} – Ledstjärna`;
  if (board?.name !== now.dashboard) {
    board?.close();
    board = new Board(dashboard, main, openRunbook);
  }
  renew();
}

async function renew() {
  clearTimeout(timer);
  const { job, range, every } = chosen();
  const mine = board;
  const trouble = await mine.renew(asker, { job, seconds: RANGES[range] });
  if (mine !== board) return;
  state.textContent = trouble ? `${trouble} of ${mine.panels.length} panels could not be read.` : `As of ${new Date().toLocaleTimeString("sv-SE")}.`;
  document.body.dataset.ready = now();
  if (EVERY[every]) timer = setTimeout(renew, EVERY[every] * 1000);
}

const now = () => String(Date.now());

makeTabs();
fill("job", told.jobs);
fill("range", Object.keys(RANGES));
fill("every", Object.keys(EVERY));
document.getElementById("now").addEventListener("click", renew);
addEventListener("hashchange", show);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  board.close();
  board = null;
  show();
});
show();
