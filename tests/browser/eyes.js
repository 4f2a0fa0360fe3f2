// Looks at pages in a real browser: `node eyes.js check|picture JOBS.json` with [{file, name, scheme, out, width, height,
// kind}]. A page of ours (kind "page") is held to more than a mail, which other programs lay out.
// check prints what axe-core and html-validate have against each page; picture writes a PNG of each.
const fs = require("node:fs");
const { pathToFileURL } = require("node:url");
const puppeteer = require("puppeteer-core");

const PHONE = { width: 390, height: 600, deviceScaleFactor: 1 };

async function look(browser, job, act) {
  const page = await browser.newPage();
  await page.setViewport({ ...PHONE, ...(job.width && { width: job.width }), ...(job.height && { height: job.height }) });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: job.scheme }]);
  await page.goto(pathToFileURL(job.file).href);
  try {
    return await act(page, job);
  } finally {
    await page.close();
  }
}

// axe cannot tell what is behind the words of a drawing, so they are judged here: every word by WCAG's ratio.
function withoutDrawings(one) {
  const nodes = one.id === "color-contrast" ? one.nodes.filter((node) => !node.html.startsWith("<text")) : one.nodes;
  return { ...one, nodes };
}

function faintInDrawings() {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255);
    const [x, y, z] = [r, g, b].map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll("svg text")].flatMap((text) => {
    const bar = text.classList.contains("on_solid") && text.closest("svg").querySelector("rect.solid");
    const behind = bar ? getComputedStyle(bar).fill : paper;
    const seen = ratio(getComputedStyle(text).fill, behind);
    return seen < 4.5 ? [`faint in a drawing (${seen.toFixed(1)}): ${text.textContent}`] : [];
  });
}

async function faults(page, job) {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  const judged = [...found.violations, ...found.incomplete.map(withoutDrawings).filter((one) => one.nodes.length)];
  const said = judged.map((one) => `axe ${one.id}: ${one.nodes[0].html}`);
  const faint = await page.evaluate(faintInDrawings);
  const { HtmlValidate } = require("html-validate");
  const report = await new HtmlValidate({
    extends: ["html-validate:recommended", "html-validate:a11y"],
    rules: job.kind === "page" ? { "doctype-style": "off" } : {
      "doctype-style": "off", // the inliner's way
      "no-inline-style": "off", // mail programs read no style sheet
      "long-title": "off", // the title is the subject, which says until when to answer
      "prefer-native-element": "off", // they lay out <main> as if it were words
    },
  }).validateFile(job.file);
  const marks = report.results.flatMap((one) => one.messages.map((m) => `html ${m.ruleId}: ${m.message}`));
  return { name: job.name, faults: [...said, ...faint, ...marks, ...(wide ? ["wider than the window"] : [])] };
}

async function picture(page, job) {
  await page.screenshot({ path: job.out, fullPage: !job.height });
  return { name: job.name, background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor) };
}

(async () => {
  const [act, jobs] = [{ check: faults, picture }[process.argv[2]], JSON.parse(fs.readFileSync(process.argv[3]))];
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"],
  });
  try {
    const told = [];
    for (const job of jobs) told.push(await look(browser, job, act));
    console.log(JSON.stringify(told));
  } finally {
    await browser.close();
  }
})();
