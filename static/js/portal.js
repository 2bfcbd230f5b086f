"use strict";

// What a page cannot do without a script is nothing; this adds convenience.
(function () {
  const POLL_FIRST = 3000;
  const POLL_SLOWEST = 30000;
  const POLL_FOR = 600000;

  function focusErrors() {
    const errors = document.querySelector("[data-focus]");
    if (errors) errors.focus();
  }

  // <button data-copy="TEXT" hidden>Salin</button>
  function offerCopying(button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () {
        const label = button.textContent;
        button.textContent = "Tersalin";
        announce("Tersalin");
        setTimeout(function () { button.textContent = label; }, 3000);
      });
    });
  }

  // <input data-count="16">: how many digits are typed
  function countDigits(input) {
    const line = document.createElement("p");
    line.className = "field__count";
    input.after(line);
    function show() {
      const typed = input.value.replace(/\D/g, "").length;
      line.textContent = typed ? typed + " dari " + input.dataset.count + " angka" : "";
    }
    input.addEventListener("input", show);
    show();
  }

  // <div id="X" data-poll="ADDRESS">: replaced by the element X of that page until it polls no more
  function poll(element) {
    const address = element.dataset.poll;
    const end = Date.now() + POLL_FOR;
    let wait = POLL_FIRST;
    let told = element.textContent;
    function again() {
      wait = Math.min(wait * 1.4, POLL_SLOWEST);
      if (Date.now() + wait < end) setTimeout(ask, wait);
    }
    function show(text) {
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(element.id);
      if (!fresh) return again();
      if (fresh.textContent !== told) {
        told = fresh.textContent;
        element.innerHTML = fresh.innerHTML;
        element.querySelectorAll("[data-copy]").forEach(offerCopying);
      }
      if (fresh.dataset.poll) again();
    }
    function ask() {
      if (document.hidden) return again();
      fetch(address, { credentials: "same-origin" }).then(function (answer) {
        if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
          location.assign(answer.url);
          return null;
        }
        return answer.ok ? answer.text().then(show) : again();
      }).catch(again);
    }
    element.setAttribute("aria-live", "polite");
    setTimeout(ask, wait);
  }

  let speaker = null;
  function announce(text) {
    if (!speaker) {
      speaker = document.createElement("p");
      speaker.className = "visually-hidden";
      speaker.setAttribute("role", "status");
      document.body.append(speaker);
    }
    speaker.textContent = text;
  }

  // <input data-key="/">: the key puts the cursor there
  function listenForKeys() {
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, select, textarea, [contenteditable]")) return;
      const target = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
      if (target) {
        event.preventDefault();
        target.focus();
      }
    });
  }

  function start() {
    focusErrors();
    document.querySelectorAll("[data-poll][id]").forEach(poll);
    document.querySelectorAll("[data-copy]").forEach(offerCopying);
    document.querySelectorAll("[data-count]").forEach(countDigits);
    document.querySelectorAll("[data-print]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });
    if (document.querySelector("[data-key]")) listenForKeys();
  }

  start();
})();
