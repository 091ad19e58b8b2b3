// What a case rests on, opened: the cited second of a recording or clip, the cited box on a page.
// Shared by every page that shows a case.
"use strict";

(() => {
  const { $, say, fill, calm, tell } = window.MinwonDesk;

  // --- listening to the cited second -------------------------------------------------------

  let until = 0;

  const play = (button) => {
    const source = button.dataset.source;
    const audio = source ? document.querySelector(`[data-media="${source}"]`) : $("mw-audio");
    if (!audio) return;
    players().forEach((other) => { if (other !== audio) other.pause(); });
    if (audio.tagName === "VIDEO") audio.scrollIntoView({ block: "nearest", behavior: calm() });
    const start = Number(button.dataset.play);
    until = Number(button.dataset.until) + 0.15;
    const go = () => { audio.currentTime = start; audio.play().catch(() => {}); };
    if (audio.readyState >= 1) go();
    else { audio.addEventListener("loadedmetadata", go, { once: true }); audio.load(); }
    point(button, audio.tagName === "VIDEO");
  };

  // The cited line stands out; what is folded away opens for it.
  const point = (button, stay) => {
    const segment = $(`mw-seg-${button.dataset.seg}`);
    if (!segment) return;
    document.querySelectorAll(".mw-seg.is-cited").forEach((old) => old.classList.remove("is-cited"));
    segment.classList.add("is-cited");
    const folded = segment.closest("details");
    if (folded) folded.open = true;
    if (!stay && !button.closest(".mw-seg")) segment.scrollIntoView({ block: "nearest", behavior: calm() });
  };

  const players = () => document.querySelectorAll("#mw-audio, [data-media]");
  const isPlayer = (box) => box.matches?.("#mw-audio, [data-media]");

  // --- looking at the cited page -----------------------------------------------------------

  let seen = null; // {file, page, box}

  const openPage = (button) => {
    const { open, page, box } = button.dataset;
    seen = { file: open, page: Number(page), box: box ? box.split(",").map(Number) : [], on: Number(page) };
    point(button, false);
    $("mw-pageview").showModal();
    drawPage();
  };

  const drawPage = () => {
    const row = document.querySelector(`[data-file="${seen.file}"]`);
    if (!row) return;
    $("mw-pageview-name").textContent = row.dataset.name;
    $("mw-pageview-page").textContent = fill(say("files.on_page"), { page_no: seen.on });
    $("mw-pageview-box").hidden = true;
    tell($("mw-pageview-said"), say("files.drawing"));
    const img = $("mw-pageview-img");
    img.hidden = false;
    img.alt = `${row.dataset.name} · ${$("mw-pageview-page").textContent}`;
    seen.tries = 0;
    askPage();
  };

  const askPage = () => {
    const row = document.querySelector(`[data-file="${seen.file}"]`);
    const opened = document.querySelector('[data-originals="1"]') ? "&original=1" : "";
    $("mw-pageview-img").src = `/media/${row.dataset.link}/page/${seen.on}?try=${seen.tries}${opened}`;
  };

  const markPage = () => {
    tell($("mw-pageview-said"), "");
    const box = $("mw-pageview-box");
    if (!seen || seen.on !== seen.page || seen.box.length !== 4) return;
    const [left, top, right, bottom] = seen.box.map((edge) => 100 * edge);
    Object.assign(box.style, { left: `${left}%`, top: `${top}%`, width: `${Math.max(0.6, right - left)}%`, height: `${Math.max(0.4, bottom - top)}%` });
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
  };

  // Whoever draws may be busy or just starting: asked twice more before it is said.
  const missPage = () => {
    if (!seen || !$("mw-pageview").open) return;
    const asked = seen;
    if (seen.tries < 2) {
      seen.tries += 1;
      setTimeout(() => { if (seen === asked && $("mw-pageview").open) askPage(); }, 1500 * seen.tries);
      return;
    }
    $("mw-pageview-img").hidden = true;
    tell($("mw-pageview-said"), say("files.no_page"));
  };

  const turnPage = (step) => {
    if (!seen || seen.on + step < 1) return;
    seen.on += step;
    drawPage();
  };

  const heed = (audio) => {
    const at = audio.currentTime;
    if (until && at >= until) { audio.pause(); until = 0; }
    document.querySelectorAll(".mw-seg").forEach((segment) => {
      if ((segment.dataset.source || "") !== (audio.dataset.media || "")) return;
      const inside = !audio.paused && at >= Number(segment.dataset.start) && at < Number(segment.dataset.end);
      segment.classList.toggle("is-playing", inside);
    });
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = on("[data-play]"))) play(hit);
    else if ((hit = on("[data-open]"))) openPage(hit);
    else if ((hit = on("[data-turn]"))) turnPage(Number(hit.dataset.turn));
    else if (on("[data-viewer-close]") || event.target.id === "mw-pageview") $("mw-pageview").close();
  });

  for (const kind of ["timeupdate", "pause", "play"]) {
    document.addEventListener(kind, (event) => { if (isPlayer(event.target)) heed(event.target); }, true);
  }
  document.addEventListener("pointerdown", (event) => { if (isPlayer(event.target)) until = 0; }, true);

  for (const [kind, heard] of [["load", markPage], ["error", missPage]]) {
    document.addEventListener(kind, (event) => { if (event.target.id === "mw-pageview-img") heard(); }, true);
  }

  window.MinwonDesk.players = players;
})();
