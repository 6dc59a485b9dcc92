// Keeps what is typed on a case page on the server, every few seconds, so that a time-out, a link or a crash loses nothing.
// The form works without it; see recommend/desk/unsaved.py.
"use strict";
(() => {
  const EVERY = 3000;  // milliseconds between two sends while somebody types
  const state = document.getElementById("unsaved");
  const form = state.closest("form");
  let timer = 0;
  let sending = null;
  let over = false;

  function say(word) {
    const words = state.dataset[word] || "";
    if (state.textContent !== words) state.textContent = words;
  }

  async function send(keepalive) {
    clearTimeout(timer);
    timer = 0;
    sending = new AbortController();
    try {
      const answer = await fetch(state.dataset.url, {
        method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin",
        redirect: "manual", keepalive, signal: sending.signal,
      });
      over = answer.type === "opaqueredirect";
      if (over) say("over");
      else if (answer.ok) say((await answer.json()).kept ? "kept" : "");
      else say("failed");
    } catch (error) {
      if (error.name !== "AbortError") say("failed");
    }
  }

  function typed(event) {
    if (event.target.form === form && !timer && !over) timer = setTimeout(send, EVERY);
  }

  function leave() {
    if (timer) send(true);
  }

  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  addEventListener("pagehide", leave);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    timer = 0;
    if (sending) sending.abort();
  });
})();
