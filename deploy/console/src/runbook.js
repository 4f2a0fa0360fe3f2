// The pages that say what to do, shown over the dashboard.
import { marked } from "marked";

const dialog = document.getElementById("runbook");
const article = dialog.querySelector("article");

export async function openRunbook(name) {
  const answer = await fetch(`runbooks/${name}.md`);
  article.innerHTML = answer.ok ? marked.parse(await answer.text()) : ""; // our own pages
  if (!answer.ok) article.textContent = `There is no page ${name} yet: see docs/operations.md.`;
  if (!dialog.open) dialog.showModal();
  article.scrollTop = 0;
}

article.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const other = link?.getAttribute("href")?.match(/^(?:\.\/)?([A-Za-z0-9-]+)\.md(?:#.*)?$/);
  if (!other) return;
  event.preventDefault();
  openRunbook(other[1]);
});
