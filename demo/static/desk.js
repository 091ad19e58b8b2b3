// The desk: list, case, keyboard. Panels are drawn by the server; players and pages are in
// evidence.js. The address keeps filters and the open case, so a reload or a link shows the same.
"use strict";

(() => {
  const { $, say, view, toast, spoke, tool, walked, players } = window.MinwonDesk;
  const FILTERS = ["text", "department", "category", "district", "assignee", "urgency", "due", "filed_from", "filed_to", "sort"];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const narrow = matchMedia("(max-width: 900px)");
  let send = null;
  let asked = { state: "open" };
  let cursor = "";
  let picked = new Map(); // number -> version
  let at = -1; // the line that the keys are on
  let typing = 0;

  // --- the address ---------------------------------------------------------------------------

  const remember = (number) => {
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
    if (number) query.set("case", number);
    history.replaceState(null, "", `${location.pathname}?${query}`);
  };
  const recall = () => {
    const query = new URLSearchParams(location.search);
    const number = query.get("case");
    for (const name of ["state", ...FILTERS]) if (query.get(name)) asked[name] = query.get(name);
    return number;
  };

  // --- the list ------------------------------------------------------------------------------

  const list = (fresh) => { spoke(); send.list_cases({ ...asked, cursor, fresh: !!fresh }); };
  const anew = () => { cursor = ""; at = -1; remember(); list(false); };
  const read = () => {
    const form = $("mw-filters");
    for (const name of FILTERS) asked[name] = form.elements[name]?.value || "";
    anew();
  };
  const write = () => {
    const form = $("mw-filters");
    if (!form) return;
    if (narrow.matches && !form.dataset.seen) form.querySelector("details").open = false;
    form.dataset.seen = "yes";
    for (const name of FILTERS) if (form.elements[name] && asked[name]) form.elements[name].value = asked[name];
  };
  const rows = () => all(".mw-docket tbody tr");
  const mark = (to) => {
    const lines = rows();
    if (!lines.length) return;
    at = Math.max(0, Math.min(lines.length - 1, to));
    lines.forEach((line, index) => line.classList.toggle("is-at", index === at));
    lines[at].scrollIntoView({ block: "nearest" });
  };
  const count = () => {
    all("[data-pick]").forEach((box) => { box.checked = picked.has(box.dataset.pick); });
    const out = $("mw-picked");
    if (!out) return;
    out.textContent = picked.size;
    out.closest(".mw-bulk").classList.toggle("has-picked", picked.size > 0);
    all(".mw-bulk select").forEach((choice) => { choice.disabled = !picked.size; });
  };
  const pick = (box) => {
    const line = box.closest("tr");
    if (box.checked) picked.set(line.dataset.case, Number(line.dataset.version));
    else picked.delete(line.dataset.case);
    count();
  };
  const bulk = (choice) => {
    const kind = choice.name.replace("bulk_", "");
    const to = choice.value;
    const name = choice.selectedOptions[0].textContent;
    choice.value = "";
    if (!to || !picked.size || !confirm(`${say("bulk_sure")} ${picked.size} → ${name}`)) return;
    send.do_bulk({ kind, to, cases: [...picked].map(([number, version]) => ({ number, version })) });
    picked = new Map();
  };
  const take = (kind) => {
    const query = new URLSearchParams({ ...asked, language: document.documentElement.lang });
    const link = document.createElement("a");
    link.href = `/office/export/${kind}?${query}`;
    link.download = "";
    link.click();
  };

  // --- a case --------------------------------------------------------------------------------

  const shown = () => $("mw-case")?.dataset || {};
  const open = (number, originals) => { clearTimeout(typing); spoke(); send.open_case({ number, originals: !!originals }); };
  const step = (kind, more) => {
    const { number, version, originals } = shown();
    if (!number) return;
    spoke();
    send.do_step({ kind, number, version: Number(version), originals: originals === "1", ...more });
  };
  const back = () => {
    players().forEach((player) => player.pause());
    view("start");
    remember();
    list(false);
  };
  const approve = () => {
    const text = $("mw-reply-text");
    if (!text || !text.reportValidity()) return;
    $("mw-confirm-text").textContent = text.value;
    $("mw-confirm").showModal();
  };
  const submitted = (form) => {
    const data = Object.fromEntries(new FormData(form));
    const kind = form.dataset.step;
    if (kind === "correct") step(kind, { fields: data });
    else if (kind === "merge") { if (confirm(`${say("merge_sure")} ${data.to}`)) step(kind, { to: data.to }); }
    else step(kind, { text: data.text });
  };

  // --- what the server says ------------------------------------------------------------------

  const ANSWERS = {
    listed: () => { if (document.body.dataset.view !== "case") view("start"); setTimeout(() => { write(); count(); }, 0); },
    opened: (told) => {
      const other = document.body.dataset.view !== "case";
      view("case");
      remember(told.number);
      if (other) { tool("reply"); window.scrollTo({ top: 0 }); }
      if (told.said) toast(told.said, "bad");
      else if (told.done) toast(say(told.done === "approve" ? "sent_now" : "saved"), "good");
    },
    gone: () => { toast(say("saved"), "good"); back(); },
    bulk: () => list(false),
    said: (told) => { toast(told.text, "bad"); if (document.body.dataset.view === undefined) view("start"); },
    signed_out: () => { location.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`; },
  };

  // --- one listener for the whole page, because the panels are redrawn -------------------------

  const CLICKS = [
    ["[data-go]", (hit) => open(hit.dataset.go)],
    ["[data-back]", back],
    ["[data-state]", (hit) => { asked.state = hit.dataset.state; asked.due = ""; if ($("mw-filters")) $("mw-filters").elements.due.value = ""; anew(); }],
    ["[data-late]", () => { asked.due = asked.due === "overdue" ? "" : "overdue"; asked.state = "open"; $("mw-filters").elements.due.value = asked.due; anew(); }],
    ["[data-next]", (hit) => { cursor = hit.dataset.next; at = -1; list(false); window.scrollTo({ top: 0 }); }],
    ["[data-first]", anew],
    ["[data-clear]", () => { $("mw-filters").reset(); asked = { state: "open" }; anew(); }],
    ["[data-export]", (hit) => take(hit.dataset.export)],
    ["[data-unmask]", () => open(shown().number, true)],
    ["[data-mask]", () => open(shown().number)],
    ["[data-approve]", approve],
    ["[data-do]", (hit) => { hit.closest("dialog")?.close(); step(hit.dataset.do, hit.dataset.do === "approve" ? { text: $("mw-reply-text").value } : {}); }],
    ["[data-merge]", (hit) => { if (confirm(`${say("merge_sure")} ${hit.dataset.merge}`)) step("merge", { to: hit.dataset.merge }); }],
    ["[data-use]", (hit) => { const text = $("mw-reply-text"); if (text) { text.value = hit.parentElement.querySelector("blockquote").textContent; tool("reply"); text.focus(); } }],
    ["[data-help]", () => $("mw-help").showModal()],
    ["[data-no]", (hit) => hit.closest("dialog").close()],
    ["[data-tool]:not(body)", (hit) => tool(hit.dataset.tool)],
    ["[data-play]", () => { if (!players().length) toast(say("originals_first"), "bad"); }],
  ];

  document.addEventListener("click", (event) => {
    if (!send) return;
    if (event.target.matches?.("[data-pick]")) { pick(event.target); return; }
    if (event.target.matches?.("[data-pick-all]")) { all("[data-pick]").forEach((box) => { box.checked = event.target.checked; pick(box); }); return; }
    for (const [selector, act] of CLICKS) {
      const hit = event.target.closest?.(selector);
      if (hit) { act(hit); return; }
    }
  });

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!send) return;
    if (box.closest("#mw-filters") && box.name !== "text") read();
    else if (box.closest(".mw-bulk") && box.tagName === "SELECT") bulk(box);
    else if (box.closest(".mw-case-do") && box.tagName === "SELECT" && box.value) step(box.name, { to: box.value });
  });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "mw-find") return;
    clearTimeout(typing);
    typing = setTimeout(read, 350);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "mw-filters") { event.preventDefault(); read(); }
    else if (form.dataset.step) { event.preventDefault(); if (send) submitted(form); }
    else if (form.matches(".mw-form")) event.preventDefault();
  }, true);

  // --- the keyboard --------------------------------------------------------------------------

  const busy = (event) => event.ctrlKey || event.metaKey || event.altKey || event.isComposing
    || event.target.matches?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]");
  const LIST_KEYS = {
    j: () => mark(at + 1),
    k: () => mark(at - 1),
    Enter: () => { if (rows()[at]) open(rows()[at].dataset.case); },
    "/": () => $("mw-find")?.focus(),
  };
  const CASE_KEYS = {
    e: () => { tool("reply"); $("mw-reply-text")?.focus(); },
    a: approve,
    o: () => document.querySelector("[data-unmask]")?.click(),
    Escape: back,
  };
  document.addEventListener("keydown", (event) => {
    if (walked(event)) return;
    if (event.key === "Escape" && event.target.matches?.("input, textarea, select")) { event.target.blur(); return; }
    if (!send || busy(event)) return;
    const act = event.key === "?" ? () => $("mw-help").showModal()
      : (document.body.dataset.view === "case" ? CASE_KEYS : LIST_KEYS)[event.key];
    if (!act || (event.key === "Enter" && event.target.closest?.("button, a"))) return;
    event.preventDefault();
    act();
  });

  const start = (channels) => {
    send = channels;
    const number = recall();
    view("start");
    tool("reply");
    list(true);
    if (number) open(number);
  };

  window.MinwonDesk.page({ start, obey: (told) => ANSWERS[told.do]?.(told) });
})();
