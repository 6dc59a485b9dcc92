// Every 30 seconds an open page of the desk asks how much is to do, what is new, and who else has its case open. Nothing
// moves under a hand: a line says what is new, and shows it when pressed. Nothing depends on this.
"use strict";
(() => {
  const EVERY = 30_000;
  const line = document.getElementById("live");
  const here = document.getElementById("here");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  const title = document.title;
  let stopped = false;

  function words(count, one, more) {
    return count === 1 ? one : more.replace("{n}", count);
  }

  function say(text, href) {
    if (line.dataset.said === text) return;
    line.dataset.said = text;
    line.replaceChildren();
    if (!text) return;
    const link = document.createElement("a");
    link.href = href;
    link.textContent = line.dataset.show;
    line.append(`${text} `, link);
  }

  function show(news) {
    document.title = news.to_do ? `(${news.to_do}) ${title}` : title;
    const {one, more, nowOne, nowMore, today} = line.dataset;
    const isList = "list" in line.dataset;
    if (news.crisis) say(words(news.crisis, nowOne, nowMore), isList ? location.href : today);
    else if (isList && news.new) say(words(news.new, one, more), location.href);
    else say("");
    if (here && here.textContent !== news.here) here.textContent = news.here;
  }

  async function ask() {
    if (stopped) return;
    const {url, since} = line.dataset;
    const asked = new URLSearchParams({since});
    const options = {cache: "no-store", credentials: "same-origin", redirect: "manual"};
    if (line.dataset.case && token) {
      asked.set("case", line.dataset.case);
      // A page in the background is not looked at: it asks, and says of nobody that they are here.
      if (!document.hidden) Object.assign(options, {method: "POST", headers: {"X-CSRFToken": token.value}});
    }
    try {
      const answer = await fetch(`${url}?${asked}`, options);
      if (answer.ok) show(await answer.json());
      else stopped = answer.status !== 503;  // signed out, or no longer allowed: a new page says so
    } catch (error) { }  // no network: the next one may get through
  }

  if (line) setInterval(ask, EVERY);
})();
