// The accounts page: people, keys and webhooks. Panels are drawn by the server, which asks about the
// right with every message; a secret stands in its panel until the next step, and nowhere else.
"use strict";

(() => {
  const { $, say, view, toast, spoke } = window.MinwonDesk;
  let send = null; // kind -> (data) => void, once the bridge is there

  const tell = (kind, data) => {
    if (!send) return;
    spoke();
    document.body.classList.add("is-counting");
    send[kind](data);
  };

  const find = (text) => {
    const wanted = text.trim().toLowerCase();
    document.querySelectorAll("#mw-people > li").forEach((line) => { line.hidden = !line.dataset.find.includes(wanted); });
  };

  const FORMS = {
    add: (form) => tell("add_account", Object.fromEntries(new FormData(form))),
    place: (form) => tell("place_account", Object.fromEntries(new FormData(form))),
    add_key: (form) => { const data = new FormData(form); tell("add_key", { name: data.get("name"), rights: data.getAll("rights") }); },
    add_hook: (form) => { const data = new FormData(form); tell("add_hook", { url: data.get("url"), topics: data.getAll("topics") }); },
  };

  const act = (button) => {
    const kind = button.dataset.do;
    const login = button.closest("[data-login]").dataset.login;
    if (kind === "unlock" || confirm(`${login}: ${say(`sure_${kind}`)}`)) tell("do_account", { login, kind });
  };

  const CLICKS = [
    ["[data-do]", act],
    ["[data-end-key]", (hit) => { if (confirm(say("sure_end"))) tell("end_key", { name: hit.dataset.endKey }); }],
    ["[data-end-hook]", (hit) => { if (confirm(say("sure_end"))) tell("end_hook", { hook: Number(hit.dataset.endHook) }); }],
    ["[data-copy]", () => navigator.clipboard?.writeText($("mw-secret").textContent).then(() => toast(say("receipt.copied"), "good"), () => {})],
    ["[data-seen]", () => tell("show_accounts", {})],
  ];

  document.addEventListener("click", (event) => {
    for (const [selector, heed] of CLICKS) {
      const hit = event.target.closest?.(selector);
      if (hit) { heed(hit); return; }
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("[data-form]");
    if (!form) return;
    event.preventDefault();
    FORMS[form.dataset.form](form);
  }, true);
  document.addEventListener("input", (event) => { if (event.target.id === "mw-find") find(event.target.value); });

  const answers = {
    shown: () => {},
    done: (told) => {
      toast(told.text, "good");
      if (told.secret) setTimeout(() => { $("mw-once")?.scrollIntoView({ block: "center" }); $("mw-once")?.focus({ preventScroll: true }); }, 0);
    },
    said: (told) => toast(told.text, "bad"),
    signed_out: () => { location.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`; },
  };

  window.MinwonDesk.page({
    start: (channels) => { send = channels; view("start"); tell("show_accounts", {}); },
    obey: (told) => { document.body.classList.remove("is-counting"); answers[told.do]?.(told); },
  });
})();
