// Asks Prometheus what a panel wants to know.

const POINTS = 240; // how many instants a graph shows
const BANDS = 60; // and a heatmap

export class Asker {
  /** @param every how often Prometheus itself asks, in seconds */
  constructor(url, every) {
    this.url = url;
    this.every = every;
  }

  /** The answers to all queries of a panel: [{name, labels, points: [[seconds, value]]}], or an Error that says why not. */
  async answers(panel, { job, seconds }) {
    const graph = panel.kind === "graph" || panel.kind === "heatmap";
    const step = Math.max(Math.ceil(seconds / (panel.kind === "heatmap" ? BANDS : POINTS)), this.every);
    const end = Math.floor(Date.now() / 1000 / step) * step;
    const found = [];
    for (const query of panel.queries) {
      const asked = { query: this.filled(query.expr, job, step, panel.kind) };
      if (graph) Object.assign(asked, { start: end - seconds, end, step });
      const path = graph ? "query_range" : "query";
      for (const each of await this.ask(path, asked)) {
        const points = each.values ?? [each.value];
        found.push({
          name: legend(query.legend, each.metric),
          labels: each.metric,
          points: points.map(([at, value]) => [at, Number(value)]),
        });
      }
    }
    return { answers: found, start: end - seconds, end, step };
  }

  /** What stands for a value that the reader or the page chooses is replaced by it. */
  filled(expr, job, step, kind) {
    const window = kind === "heatmap" ? step : Math.max(4 * this.every, step + this.every);
    return expr.replaceAll("$__rate_interval", `${window}s`).replaceAll("$job", job);
  }

  async ask(path, asked) {
    let answer;
    try {
      answer = await (await fetch(`${this.url}/api/v1/${path}`, { method: "POST", body: new URLSearchParams(asked) })).json();
    } catch {
      throw new Error(`Prometheus does not answer at ${this.url}.`);
    }
    if (answer.status !== "success") throw new Error(`Prometheus refuses the query: ${answer.error}`);
    return answer.data.result;
  }
}

function legend(pattern, labels) {
  return pattern.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? "");
}
