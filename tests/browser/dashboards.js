// Looks at the page of dashboards: `node dashboards.js JOBS.json` with [{url, name, scheme, width, out, keys}]. For each it
// prints what axe-core has against the page, what the browser complained about, which panels could not be read, whether it is
// wider than the window and what has the focus after `keys`; with `out` it writes a picture.
const fs = require("node:fs");
const puppeteer = require("puppeteer-core");

async function look(browser, job) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => new URL(request.url()).hostname === "127.0.0.1" || request.url().startsWith("data:") || complaints.push(`asks ${request.url()}`));
  await page.setViewport({ width: job.width ?? 1440, height: 900, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: job.scheme ?? "light" }]);
  await page.goto(job.url);
  await page.waitForSelector("body[data-ready]", { timeout: 60000 });
  for (const key of job.keys ?? []) {
    await page.keyboard.press(key);
    await new Promise((done) => setTimeout(done, 300)); // a runbook is fetched
  }
  await page.waitForFunction("document.body.dataset.ready > 0 && !document.querySelector('.body:empty')", { timeout: 60000 });
  await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8")); // as a tag, the page would refuse it
  const seen = await page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ["violations"] });
    return {
      axe: found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`),
      trouble: [...document.querySelectorAll(".trouble")].map((one) => `${one.closest(".panel").querySelector("h3").textContent}: ${one.textContent}`),
      panels: document.querySelectorAll(".panel").length,
      drawn: document.querySelectorAll(".canvas canvas").length,
      wide: document.documentElement.scrollWidth > window.innerWidth,
      title: document.title,
      focus: document.activeElement?.textContent.slice(0, 80),
      open: document.querySelector(":popover-open, dialog[open]")?.textContent.trim() ?? "",
    };
  });
  if (job.out) await page.screenshot({ path: job.out, fullPage: true });
  await page.close();
  return { name: job.name, complaints, ...seen };
}

(async () => {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  try {
    const told = [];
    for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) told.push(await look(browser, job));
    console.log(JSON.stringify(told));
  } finally {
    await browser.close();
  }
})();
