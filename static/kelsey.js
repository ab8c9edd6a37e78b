// Starts the page kit, and lets an open verdict notice that it no longer says the truth.
// Everything here is an addition: each page works without it, and the server decides again at every step.

import { initAll } from "./vendor/nhsuk/nhsuk-frontend.min.js";

initAll();

const EVERY_MS = 4000;
const AT_MOST_MS = 5 * 60 * 1000; // asking on and on would keep a deserted session alive

const verdict = document.querySelector("[data-fingerprint]");
if (verdict) watch(verdict);

function watch(box) {
  const started = performance.now();
  const timer = setInterval(async () => {
    if (performance.now() - started > AT_MOST_MS) return grow_old(box, timer, "This answer is old.");
    try {
      const answer = await fetch(box.dataset.poll, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(EVERY_MS) });
      if (!answer.ok) throw new Error(String(answer.status));
      if ((await answer.json()).fingerprint !== box.dataset.fingerprint) {
        clearInterval(timer);
        grow_old(box, timer, "Something has changed.");
        location.reload();
      }
    } catch {
      grow_old(box, timer, "The connection is lost, so this answer may be old.");
    }
  }, EVERY_MS);
}

// A stale verdict loses its word and its colour, and the forms that rest on it go.
function grow_old(box, timer, why) {
  clearInterval(timer);
  for (const look of ["yes", "no", "wait", "done"]) box.classList.remove("k-verdict--" + look);
  box.classList.add("k-verdict--stale");
  box.querySelector(".k-verdict__sign").textContent = "?"; // the drawn sign said the old verdict
  box.querySelector(".k-verdict__word").textContent = "Check again";
  const text = document.createElement("p");
  text.setAttribute("role", "alert");
  text.textContent = why + " Dispense nothing on it.";
  box.querySelector(".k-verdict__body").append(text);
  for (const act of document.querySelectorAll(".k-act")) act.hidden = true;
}
