// Answers a form in a real browser, as people do: `node answering.js WHAT '{"base": …, "token": …}'`. Prints what it saw.
const puppeteer = require("puppeteer-core");

const PHONE = { width: 360, height: 640, deviceScaleFactor: 1 };
const value = (page, name) =>
  page.evaluate((n) => {
    const field = document.getElementById("answers").elements[n];
    return field.value;
  }, name);
const keys = (page) => page.evaluate(() => Object.keys(localStorage));
const choose = (page, name, which) => page.click(`input[name="${name}"][value="${which}"]`);
const heading = (page) => page.$eval("h1", (one) => one.textContent);

async function press(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

// Goes from field to field with Tab, chooses with Space and letters, and sends with Enter on the button.
async function keyboard(page, job) {
  const refused = [];
  page.on("console", (said) => said.type() === "error" && refused.push(said.text()));
  await page.goto(`${job.base}/s/${job.token}`);
  const unseen = [];
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(focused);
    if (!at.seen && at.tag !== "BODY") unseen.push(at.name || at.tag);
    if (at.id === "send") break;
    if (at.type === "radio") await page.keyboard.press("Space");
    else if (at.tag === "SELECT") await page.keyboard.type("3");
    else if (at.tag === "TEXTAREA") await page.keyboard.type("Med egna ord");
  }
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  return { receipt: await heading(page), refused, unseen };
}

function focused() {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const bar = document.querySelector(".bar").getBoundingClientRect();
  const inBar = one.closest(".bar") !== null;
  const style = getComputedStyle(one);
  const inView = box.bottom > 0 && box.top < innerHeight && (inBar || box.bottom > bar.bottom || bar.top > box.bottom);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return { tag: one.tagName, type: one.type, id: one.id, name: one.name, seen: inView && ring };
}

async function draft(page, job) {
  await page.goto(`${job.base}/s/${job.token}`);
  await choose(page, "UM1", "4");
  await page.type("#UM6", "Egna ord");
  await page.reload();
  const said = await page.$eval("#restored", (one) => (one.checkVisibility() ? one.textContent : ""));
  const reloaded = { UM1: await value(page, "UM1"), UM6: await value(page, "UM6"), said };
  const counted = await page.$eval("#count", (one) => one.textContent);
  const kept = await keys(page);
  const other = await page.browserContext().newPage();
  await other.goto(`${job.base}/s/${job.other}`);
  const colleague = { UM1: await value(other, "UM1"), UM6: await value(other, "UM6") };
  await other.evaluate(() => localStorage.removeItem(Object.keys(localStorage).find((key) => key.endsWith("x"))));
  await other.close();
  await press(page, "#send");
  const left = await keys(page);
  return { reloaded, counted, keys: kept, colleague, after_sending: left.filter((key) => kept.includes(key)) };
}

async function shared(page, job) {
  await page.goto(`${job.base}/s/${job.token}`);
  await choose(page, "UM1", "4");
  const before = (await keys(page)).length;
  await page.click("#shared");
  const ticked = (await keys(page)).length;
  await choose(page, "UM2", "4");
  const more = (await keys(page)).length;
  await page.reload();
  return { before, ticked, after_more: more, reloaded: await value(page, "UM1") };
}

async function old(page, job) {
  await page.goto(`${job.base}/s/${job.token}`);
  await choose(page, "UM1", "4");
  const current = (await keys(page))[0];
  await page.evaluate(() => localStorage.setItem("ledstjarna:answers:past", '{"until": 1, "filled": {"UM1": "4"}}'));
  await page.reload();
  const kept = await keys(page);
  return { old: kept.includes("ledstjarna:answers:past"), current: kept.includes(current) };
}

async function language(page, job) {
  await page.goto(`${job.base}/s/${job.token}`);
  await choose(page, "UM1", "4");
  await page.select("#NV1", "3");
  await page.type("#UM6", "Egna ord");
  await press(page, 'button[value="language"]');
  const lang = await page.$eval("html", (one) => one.lang);
  return { lang, UM1: await value(page, "UM1"), NV1: await value(page, "NV1"), UM6: await value(page, "UM6") };
}

async function targets(page, job) {
  await page.setViewport({ ...PHONE, width: job.width });
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await page.goto(`${job.base}/s/${job.token}`);
  return page.evaluate(() => {
    const small = [];
    for (const one of document.querySelectorAll(".question label:has(input), select, textarea, button, #draft label")) {
      const box = one.getBoundingClientRect();
      if (one.checkVisibility() && (box.height < 43.9 || box.width < 43.9)) small.push(`${one.outerHTML} ${box.width}x${box.height}`);
    }
    const moving = document.getAnimations().length;
    return { small, moving };
  });
}

async function error(page, job) {
  await page.goto(`${job.base}/s/${job.token}`);
  await choose(page, "UM1", "4");
  await page.$eval("#UM6", (one) => { one.removeAttribute("maxlength"); one.value = "x".repeat(2001); });
  await press(page, "#send");
  const after = await page.evaluate(() => document.activeElement.id);
  await page.click('#errors a[href="#UM6"]');
  const followed = await page.evaluate(() => document.activeElement.id);
  return { focus_after_sending: after, focus_after_link: followed, kept: await value(page, "UM1") };
}

(async () => {
  const act = { keyboard, draft, shared, old, language, targets, error }[process.argv[2]];
  const job = JSON.parse(process.argv[3]);
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    await page.setViewport(PHONE);
    await page.setJavaScriptEnabled(job.script !== false);
    console.log(JSON.stringify(await act(page, job)));
  } finally {
    await browser.close();
  }
})();
