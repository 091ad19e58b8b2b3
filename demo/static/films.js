// The video page: one clip, its player with the timeline under it, frames, questions, downloads.
// The panels are drawn by the server; what every page shares is in shared.js.
"use strict";

(() => {
  const { $, say, fill, calm, tell, toast, upload, room, trouble, tool, walked, again, originals } = window.MinwonDesk;
  const EDGE_S = 0.04; // a frame begins a little after the second that is asked for
  const WORDS_S = 0.3; // words on the picture are seen a little later than they are said to begin
  const { live } = window.MinwonDesk;
  let send = null; // kind -> (data) => void, once the bridge is there

  // --- sending the file ----------------------------------------------------------------------

  const sending = (text) => {
    document.body.classList.toggle("is-sending", Boolean(text));
    document.querySelectorAll(".mw-uploading").forEach((box) => tell(box, text));
  };

  const take = (files) => {
    const file = files[0];
    if (!file || !send || document.body.classList.contains("is-sending")) return;
    if (work.key) { toast(say("one_only"), "bad"); return; }
    tell($("mw-said"), "");
    if (file.size > Number($("mw-main").dataset.limit)) { trouble(say("compose.too_large")); return; }
    sending(fill(say("uploading"), { far: "" }));
    upload(file, (share) => sending(fill(say("uploading"), { far: `${Math.round(100 * share)}%` })))
      .then((path) => send.open_film({ path, name: (file.name || "").slice(0, 4500) }))
      .catch((problem) => { sending(""); trouble(problem); });
  };

  // --- the session ---------------------------------------------------------------------------

  const work = room({
    name: "minwon.film",
    folder: "films",
    watch: (key) => send.watch_film({ key }),
    opened: () => { sending(""); tool("events"); },
    said: () => { sending(""); live.refused(); },
    forgotten: () => empty(),
  });

  // --- the player, or the frames where a browser can't play the file ----------------------------

  let source = ""; // address of the file that the player has
  let plays = false;
  let spot = null; // {at, until, box, still}: what was clicked last
  const reel = () => $("mw-reel");
  const frame = (still) => `${reel().dataset.link}/frame/${still}?size=page${originals.query()}`;
  const length = () => Number(reel()?.dataset.length) || 0;

  const empty = () => {
    const video = $("mw-video");
    if (!video) return;
    video.pause();
    video.removeAttribute("src");
    video.load();
    video.hidden = true;
    $("mw-frame").hidden = true;
    $("mw-frame").removeAttribute("src");
    $("mw-box").hidden = true;
    $("mw-cant").hidden = true;
    $("mw-controls").hidden = true;
    $("mw-no-film").hidden = false;
    source = ""; plays = false; spot = null;
  };

  // The server redrew the panels: the file may have come, frames may have been found.
  const redrawn = () => {
    const row = reel();
    const video = $("mw-video");
    if (!row || !video) return;
    if (row.dataset.file && source !== row.dataset.file) {
      source = row.dataset.file;
      plays = true;
      video.src = source;
      video.setAttribute("aria-label", row.dataset.name);
    } else if (!row.dataset.file) cant();
    mark();
    head();
  };

  const cant = () => {
    plays = false;
    $("mw-video").hidden = true;
    $("mw-controls").hidden = true;
    $("mw-cant").hidden = false;
    const first = document.querySelector(".mw-still");
    if (!$("mw-frame").getAttribute("src") && first) show(first.dataset.still);
  };

  const show = (still) => {
    const picture = $("mw-frame");
    if (!Number(still)) return;
    const wanted = frame(still);
    if (picture.getAttribute("src") !== wanted) { picture.dataset.tries = 0; picture.src = wanted; }
  };

  // The two frames that are compared, and the one in the player's place; small ones stay hidden.
  const opened = () => {
    document.querySelectorAll(".mw-end").forEach((end) => { end.querySelector("img").src = frame(end.dataset.still); });
    const now = /frame\/(\d+)/.exec($("mw-frame")?.getAttribute("src") || "");
    if (now && reel()) show(now[1]);
  };

  const jump = (hit) => {
    const at = Number(hit.dataset.at);
    spot = { at, until: Number(hit.dataset.until), box: hit.dataset.box, still: hit.dataset.still };
    document.querySelectorAll(".is-now").forEach((old) => old.classList.remove("is-now"));
    if (!hit.matches(".mw-still")) hit.classList.add("is-now");
    document.querySelector(`.mw-still[data-still="${spot.still}"]`)?.classList.add("is-now");
    const strip = $("mw-strip");
    const small = strip?.querySelector(".is-now");
    if (small) strip.scrollTo({ left: small.offsetLeft - strip.clientWidth / 2 + 60, behavior: calm() });
    seek(at, hit.matches(".mw-still") ? 0 : spot.box ? Math.min(WORDS_S, (spot.until - at) / 2) : EDGE_S);
    if (!plays) show(spot.still);
    mark();
    const screen = $("mw-screen").getBoundingClientRect();
    if (screen.top < 0 || screen.bottom > innerHeight) $("mw-screen").scrollIntoView({ block: "start", behavior: calm() });
  };

  const seek = (at, edge) => {
    const video = $("mw-video");
    if (!plays) { head(at); return; }
    const go = () => {
      video.pause();
      video.currentTime = Math.max(0, Math.min(at + edge, (video.duration || at + 1) - 0.05));
    };
    if (video.readyState >= 1) go();
    else video.addEventListener("loadedmetadata", go, { once: true });
  };

  const now = () => (plays ? $("mw-video").currentTime : spot?.at || 0);

  // The box stays while its second lasts, on the player as on the still frame.
  const mark = () => {
    const box = $("mw-box");
    const edges = spot?.box ? spot.box.split(",").map(Number) : [];
    const at = now();
    const there = edges.length === 4 && (!plays || (at >= spot.at - 0.2 && at <= Math.max(spot.until, spot.at + 1)));
    box.hidden = !there;
    if (!there) return;
    const [left, top, right, bottom] = edges;
    box.style.left = `${100 * left}%`;
    box.style.top = `${100 * top}%`;
    box.style.width = `${100 * (right - left)}%`;
    box.style.height = `${100 * (bottom - top)}%`;
  };

  const head = (at) => {
    const line = $("mw-head");
    if (line && length()) line.style.left = `${Math.min(100, 100 * (at ?? now()) / length())}%`;
    if (!plays) return;
    const video = $("mw-video");
    const slider = $("mw-seek");
    slider.max = video.duration || length() || 1;
    if (document.activeElement !== slider || !video.paused) slider.value = video.currentTime;
    const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
    const told = `${clock(video.currentTime)} / ${clock(video.duration || length())}`;
    if ($("mw-clock").textContent !== told) $("mw-clock").textContent = told;
    slider.setAttribute("aria-valuetext", told);
    $("mw-controls").classList.toggle("is-playing", !video.paused);
    $("mw-controls").classList.toggle("is-muted", video.muted);
  };

  // --- tools ---------------------------------------------------------------------------------

  const cut = (from, until) => {
    send.cut_film({ key: work.key, start_s: from, end_s: until });
    toast(say("cut_started"), "good");
  };

  const ACTS = {
    play: () => { const video = $("mw-video"); if (video.paused) video.play().catch(() => {}); else video.pause(); },
    mute: () => { const video = $("mw-video"); video.muted = !video.muted; },
    full: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else $("mw-video").requestFullscreen?.().catch(() => {});
    },
    draft: () => send.draft_film({ key: work.key }),
    end: () => { if (confirm(say("end_sure"))) send.end_film({ key: work.key }); },
    download: () => work.take("draft.json"),
    ...live.acts,
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = on("[data-act]"))) { if (send) ACTS[hit.dataset.act]?.(hit); }
    else if ((hit = on("[data-at]"))) jump(hit);
    else if (on("#mw-video")) ACTS.play();
    else if ((hit = on("[data-sample]"))) {
      if (!send || work.key || document.body.classList.contains("is-sending")) return;
      document.body.classList.add("is-sending");
      send.open_film({ sample: hit.dataset.sample });
    } else if ((hit = on("[data-cut]"))) cut(Number(hit.dataset.cut), Number(hit.dataset.cutUntil));
    else if ((hit = on("[data-tool]:not(body)"))) tool(hit.dataset.tool);
    else if ((hit = on("[data-stop]"))) send.stop_film({ key: work.key, kind: hit.dataset.stop, number: Number(hit.dataset.number) });
    else if ((hit = on("[data-translate]"))) { hit.disabled = true; send.translate_film({ key: work.key, language: hit.dataset.translate }); }
    else if ((hit = on("[data-out]"))) work.take(hit.dataset.out);
    else if ((hit = on(".mw-track, .mw-head-lane"))) {
      const area = hit.getBoundingClientRect();
      spot = null;
      mark();
      seek(length() * (event.clientX - area.left) / area.width, 0);
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#mw-ask, #mw-search, #mw-cutter, .mw-form")) return;
    event.preventDefault();
    if (!send || !work.key) return;
    if (form.id === "mw-ask") {
      send.ask_film({ key: work.key, question: $("mw-question").value });
      $("mw-question").select();
    } else if (form.id === "mw-search") {
      send.search_film({ key: work.key, words: $("mw-search-words").value });
      $("mw-search-words").select();
    } else if (form.id === "mw-cutter") cut(Number($("mw-cut-from").value), Number($("mw-cut-until").value));
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.matches(".mw-files")) { take([...event.target.files]); event.target.value = ""; }
  });

  // The player may be drawn after this script has begun, so it is listened to from above.
  const onPlayer = (name, heed) => document.addEventListener(name, (event) => {
    if (event.target.id === "mw-video") heed(event.target);
  }, true);

  onPlayer("loadedmetadata", (video) => {
    if (!video.videoWidth) { cant(); return; } // only its sound can be played here
    video.hidden = false;
    $("mw-controls").hidden = false;
    $("mw-frame").hidden = true;
    $("mw-no-film").hidden = true;
    mark();
    head();
  });
  onPlayer("error", (video) => { if (video.getAttribute("src")) cant(); });
  ["timeupdate", "seeked", "play", "pause", "ended", "volumechange", "durationchange"].forEach((name) => onPlayer(name, () => { mark(); head(); }));
  document.addEventListener("load", (event) => {
    if (event.target.id !== "mw-frame") return;
    event.target.hidden = plays;
    if (!plays) { $("mw-no-film").hidden = true; mark(); }
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id === "mw-seek") seek(Number(event.target.value), 0);
  });

  // Pictures that are refused for a moment, because many are made, are asked for again.
  document.addEventListener("error", (event) => {
    if (event.target.matches?.(".mw-still img, .mw-end img, #mw-frame")) again(event.target);
  }, true);

  document.addEventListener("keydown", (event) => { walked(event); });

  const start = (channels) => {
    send = channels;
    live.start(channels);
    new MutationObserver(redrawn).observe(document.body, { childList: true, subtree: true });
    tool("draft");
    work.restore();
  };

  window.MinwonDesk.page({
    start,
    obey: (told) => live.obey(told) || work.obey(told),
    lost: () => { work.lost(); live.lost(); },
    originals: opened,
    dropped: (files) => take(files),
  });
})();
