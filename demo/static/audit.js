// The audit page: filters go out, rows come back; the state of the chain is asked for until its walk
// is over. The address keeps the filters.
"use strict";

(() => {
  const { $, view, toast, spoke } = window.MinwonDesk;
  const FILTERS = ["number", "actor", "action", "first", "last"];
  const PACE_MS = 1500;
  let send = null; // kind -> (data) => void, once the bridge is there
  let asked = {};
  let fresh = true;

  const show = (before) => {
    spoke();
    document.body.classList.add("is-counting");
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
    history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
    send.show_audit({ ...asked, before: before || null, fresh });
    fresh = false;
  };
  const read = () => {
    const form = $("mw-audit-filters");
    for (const name of FILTERS) asked[name] = form.elements[name].value;
    show();
  };
  const set = (name, value) => { $("mw-audit-filters").elements[name].value = value; read(); };

  const CLICKS = [
    ["[data-before]", (hit) => { show(Number(hit.dataset.before)); window.scrollTo({ top: 0 }); }],
    ["[data-newest]", () => show()],
    ["[data-set]", (hit) => set(hit.dataset.set, hit.dataset.value)],
    ["[data-again]", () => send.look_at_chain({ again: true })],
    ["[data-csv]", () => {
      const link = document.createElement("a");
      link.href = `/office/audit.csv?${new URLSearchParams(Object.entries(asked).filter(([, value]) => value))}`;
      link.download = "";
      link.click();
    }],
  ];
  document.addEventListener("click", (event) => {
    if (!send) return;
    for (const [selector, heed] of CLICKS) {
      const hit = event.target.closest?.(selector);
      if (hit) { heed(hit); return; }
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "mw-audit-filters") return;
    event.preventDefault();
    read();
  }, true);
  document.addEventListener("change", (event) => { if (event.target.matches?.("#mw-audit-filters select")) read(); });
  document.addEventListener("reset", (event) => {
    if (event.target.id !== "mw-audit-filters") return;
    event.preventDefault(); // the form's own first values may be those of the address
    for (const name of FILTERS) event.target.elements[name].value = "";
    read();
  }, true);

  // The walk goes on in the server, whoever looks; this only asks how far it is.
  const follow = () => setTimeout(() => { if ($("mw-chain")?.dataset.walking === "1") send.look_at_chain({}); }, PACE_MS);
  const answers = {
    listed: follow,
    chain: (told) => { if (told.walking) follow(); },
    said: (told) => toast(told.text, "bad"),
    signed_out: () => { location.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`; },
  };

  window.MinwonDesk.page({
    start: (channels) => {
      send = channels;
      view("start");
      const query = new URLSearchParams(location.search);
      for (const name of FILTERS) asked[name] = query.get(name) || "";
      show();
    },
    obey: (told) => { document.body.classList.remove("is-counting"); answers[told.do]?.(told); },
  });
})();
