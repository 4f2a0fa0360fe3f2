// Counts what is answered, and keeps it in this browser until it has been sent. The form works without this.
"use strict";
(() => {
  const PREFIX = "ledstjarna:answers:";
  const form = document.getElementById("answers");
  const store = openStore();
  forgetOld();
  const finished = document.querySelector("[data-forget]");
  if (finished) forget(finished.dataset.forget);
  if (!form) return;

  const show = (id) => (document.getElementById(id).hidden = false);
  const shared = document.getElementById("shared");
  const items = form.dataset.items.split(" ");

  show("progress");
  if (store) {
    show("draft");
    if (form.dataset.fresh === "yes") restore();
    shared.addEventListener("change", keep);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  changed();
  document.getElementById("errors")?.focus();

  function changed() {
    const filled = filledIn();
    const answered = items.filter((item) => (filled[item] || "").trim()).length;
    const said = form.dataset.answered.replace("{n}", answered);
    const progress = document.getElementById("count");
    if (progress.textContent !== said) progress.textContent = said;
    document.getElementById("share").value = answered;
    for (const field of form.querySelectorAll("textarea")) left(field);
    keep();
  }

  function left(field) {
    const rest = field.maxLength - field.value.length;
    const told = document.getElementById(`${field.id}-left`);
    const said = form.dataset.left.replace("{n}", rest);
    if (rest <= 100) told.setAttribute("aria-live", "polite");
    if (field.value && told.textContent !== said) told.textContent = said;
  }

  function filledIn() {
    return Object.fromEntries([...new FormData(form)].filter(([name]) => items.includes(name)));
  }

  function keep() {
    if (!store) return;
    if (shared.checked) return forget(form.dataset.draft);
    const until = Date.now() + Number(form.dataset.seconds) * 1000;
    try {
      store.setItem(PREFIX + form.dataset.draft, JSON.stringify({ until, filled: filledIn() }));
    } catch {
      document.getElementById("draft").hidden = true; // there is no room: do not promise it
    }
  }

  function restore() {
    const { filled = {} } = read(PREFIX + form.dataset.draft);
    for (const [name, value] of Object.entries(filled)) {
      const field = items.includes(name) && form.elements[name];
      if (field) field.value = value; // of radio buttons, too: it chooses the one
    }
    if (Object.values(filled).some((value) => value.trim())) show("restored");
  }

  function openStore() {
    try {
      window.localStorage.setItem(PREFIX, "");
      window.localStorage.removeItem(PREFIX);
      return window.localStorage;
    } catch {
      return null;
    }
  }

  function read(key) {
    try {
      return JSON.parse(store.getItem(key)) || {};
    } catch {
      return {};
    }
  }

  function forget(draft) {
    store?.removeItem(PREFIX + draft);
  }

  function forgetOld() {
    const keys = store ? Object.keys(store).filter((key) => key.startsWith(PREFIX)) : [];
    for (const key of keys) if (!(read(key).until > Date.now())) store.removeItem(key);
  }
})();
