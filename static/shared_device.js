// On a device that is not the person's own, and for staff: warn before the time is over, offer more of it, then leave.
// Browsers of 2018 run it, too: they may know no dialogs, and send no cookies unless they are told to.
// The server ends the draft or the session by itself; this only keeps the page from showing answers for longer than that.
"use strict";
(() => {
  const WARN = 120;  // seconds before the end
  const dialog = document.getElementById("time-ends");
  const form = dialog.querySelector("form");
  const status = dialog.querySelector("[role=status]");
  let ends = Date.now() + 1000 * Number(dialog.dataset.seconds);
  let busy = false;

  const left = () => (ends - Date.now()) / 1000;

  // Another tab may have been used meanwhile: the server knows. Without an answer, what the page knows holds.
  async function ask(options) {
    try {
      const answer = await fetch(form.action, {cache: "no-store", credentials: "same-origin", ...options});
      ends = Date.now() + 1000 * (await answer.json()).seconds;
    } catch (error) { }
  }

  function warn() {
    const words = status.dataset[left() > 60 ? "two" : left() > 30 ? "one" : "half"];
    if (dialog.hidden) {
      dialog.hidden = false;
      if (dialog.showModal) dialog.showModal();
      else dialog.querySelector("button").focus();
    }
    if (status.textContent !== words) status.textContent = words;
  }

  function close() {
    if (dialog.close) dialog.close();
    dialog.hidden = true;
  }

  async function look() {
    if (busy) return;
    busy = true;
    if (left() <= 0 || (left() <= WARN && dialog.hidden)) await ask();
    if (left() <= 0) location.replace(dialog.dataset.leave);
    else if (left() <= WARN) warn();
    else if (!dialog.hidden) close();
    busy = false;
  }

  async function more(event) {
    event.preventDefault();
    await ask({method: "POST", body: new URLSearchParams(new FormData(form))});
    look();
  }

  form.addEventListener("submit", more);
  dialog.addEventListener("cancel", more);  // the Escape key: somebody is here
  addEventListener("pageshow", event => { if (event.persisted) ask().then(look); });
  document.addEventListener("visibilitychange", look);
  setInterval(look, 1000);
})();
