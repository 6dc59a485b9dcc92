// Keys for those who work through many cases. None is needed: each does what a link, a button or a field on the page does.
// Ignored while somebody types, and turned off as a whole in the dialog (WCAG 2.1.4), for this browser.
"use strict";
(() => {
  const OFF = "desk.keys.off";
  const dialog = document.getElementById("keys");
  if (!dialog || !dialog.showModal) return;
  const opener = document.getElementById("keys-open");
  const toggle = dialog.querySelector("[data-toggle]");
  const form = document.getElementById("case-form");
  const filled = () => new URLSearchParams(new FormData(form)).toString();
  const atFirst = form && filled();

  // A browser that keeps nothing has the keys on.
  function isOff() {
    try { return localStorage.getItem(OFF) === "1"; } catch (error) { return false; }
  }

  function setOff(off) {
    try { off ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF); } catch (error) { }
    toggle.textContent = off ? toggle.dataset.on : toggle.dataset.off;
  }

  const find = selector => document.querySelector(selector);
  const isShown = element => element && element.getClientRects().length > 0;

  function step(by) {
    const rows = [...document.querySelectorAll(".cases tbody th a")].filter(isShown);
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
    if (rows[next]) rows[next].focus();
  }

  function logContact() {
    const part = find("#contact-part");
    if (!part) return;
    part.open = true;
    part.querySelector("select").focus();
  }

  function assignToMe() {
    const mine = find("#case-form [name=who][value=take]");
    if (!mine) return;
    mine.checked = true;
    mine.focus();
  }

  // With something filled in, the key goes to the button and saves nothing.
  function next() {
    const button = find("#case-form [name=next]");
    if (button && filled() === atFirst) button.click();
    else if (button) button.focus();
    else if (find("#next-case")) find("#next-case").click();
  }

  function search() {
    const box = find("#search-text");
    if (isShown(box)) box.focus();
    else location.assign(dialog.dataset.find);
  }

  function help() {
    dialog.hidden = false;
    dialog.showModal();
  }

  const KEYS = {j: () => step(1), k: () => step(-1), c: logContact, a: assignToMe, n: next, "/": search, "?": help};

  function isTyping(element) {
    return element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio])");
  }

  document.addEventListener("keydown", event => {
    const key = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
    const held = event.ctrlKey || event.altKey || event.metaKey || event.repeat && key !== KEYS.j && key !== KEYS.k;
    if (!key || held || event.isComposing || find("dialog[open]") || isTyping(event.target) || isOff()) return;
    event.preventDefault();
    key();
  });

  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.hidden = true; });
  toggle.addEventListener("click", () => setOff(!isOff()));
  opener.hidden = false;
  opener.addEventListener("click", help);
  setOff(isOff());
})();
