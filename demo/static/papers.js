// The officials' documents page: many files, the page viewer with its marks, questions, fields,
// comparison. The panels are drawn by the server; what every page shares is in shared.js.
"use strict";

(() => {
  const { $, say, fill, calm, tell, upload, room, trouble, tool, walked, again, originals } = window.MinwonDesk;
  const AT_ONCE = 2; // uploads side by side
  const BATCH = 20;
  const ZOOMS = [1, 1.5, 2, 3];
  let send = null; // kind -> (data) => void, once the bridge is there

  // --- sending files -------------------------------------------------------------------------

  let queue = []; // File objects still to go
  let slots = []; // in the order of the files: null, or {path, name} that the server has
  let flying = 0;
  let sent = 0;
  let total = 0;
  let telling = false;

  const take = (files) => {
    if (!files.length || !send) return;
    tell($("mw-said"), "");
    const most = Number($("mw-main").dataset.limit);
    const fits = files.filter((file) => file.size <= most);
    files.filter((file) => file.size > most).forEach((file) => trouble(`${file.name}: ${say("compose.too_large")}`));
    total += fits.length;
    queue.push(...fits);
    pump();
  };

  const pump = () => {
    showSending();
    while (flying < AT_ONCE && queue.length) {
      const file = queue.shift();
      const slot = { made: null };
      slots.push(slot);
      flying += 1;
      upload(file, (loaded) => { if (total === 1) showSending(loaded); })
        .then((path) => { slot.made = { path, name: (file.name || "").slice(0, 4500) }; sent += 1; })
        .catch((problem) => { slots.splice(slots.indexOf(slot), 1); total -= 1; trouble(`${file.name}: ${problem}`); })
        .finally(() => { flying -= 1; hand(); pump(); if (!isSending() && !telling) work.follow(); });
    }
  };

  // The first file goes at once, for its first page is wanted; the others in batches.
  const hand = () => {
    let ready = 0;
    while (ready < slots.length && ready < BATCH && slots[ready].made) ready += 1;
    if (telling || !ready) return;
    telling = true;
    const files = slots.splice(0, ready).map((slot) => slot.made);
    send.add_papers({ key: work.key || "", files, more: isSending() });
  };

  const isSending = () => queue.length + flying + slots.length > 0;

  const showSending = (loaded) => {
    const left = queue.length + flying;
    document.body.classList.toggle("is-sending", left > 0);
    const far = loaded ? `${Math.round(100 * loaded)}%` : `${sent}/${total}`;
    document.querySelectorAll(".mw-uploading").forEach((box) => tell(box, left ? fill(say("uploading"), { far }) : ""));
    if (!left) { sent = 0; total = 0; }
  };

  // --- the session ---------------------------------------------------------------------------

  const work = room({
    name: "minwon.papers",
    folder: "papers",
    watch: (key) => send.watch_papers({ key, sending: isSending() || telling }),
    opened: () => { telling = false; showSending(); hand(); },
    said: (told) => {
      telling = false;
      showSending();
      document.querySelectorAll(".mw-unlock").forEach((form) => form.classList.remove("is-sending"));
      if (told.code === "papers.not_found") { queue = []; slots = []; }
    },
    forgotten: () => { shown = null; marked = null; draw(); },
  });

  // --- the viewer ----------------------------------------------------------------------------

  let shown = null; // {sheet, page}
  let marked = null; // {sheet, page, box: [left, top, right, bottom] as shares of the page}
  let zoom = 0;
  let opener = null; // what was clicked: closing the viewer leads back
  let pagesDrawn = "";
  let stripOf = ""; // what the thumbnails show

  const rowOf = (sheet) => document.querySelector(`.mw-sheet[data-sheet="${sheet}"]`);
  const address = (row, page, size) => `/papers/${row.dataset.link}/page/${page}?size=${size}${size === "small" ? "" : originals.query()}`;
  const pagesOf = (row) => Number(row.dataset.pages) || 1;

  const open = (sheet, page, box, from) => {
    const row = rowOf(sheet);
    if (!row || !row.dataset.link) return;
    shown = { sheet: Number(sheet), page: Math.max(1, Math.min(Number(page) || 1, pagesOf(row))) };
    marked = box ? { ...shown, box: box.split(",").map(Number) } : null;
    draw();
    opener = from || null;
    $("mw-viewer").classList.add("is-open");
    if (marked) $("mw-stage").focus({ preventScroll: true });
  };

  const draw = () => {
    const img = $("mw-page-img");
    const row = shown && rowOf(shown.sheet);
    document.querySelectorAll(".mw-sheet").forEach((other) => other.classList.toggle("is-shown", other === row));
    if (!row || !row.dataset.link) {
      img.hidden = true; $("mw-box").hidden = true;
      img.removeAttribute("src");
      $("mw-view-name").textContent = "";
      $("mw-page-of").textContent = "";
      $("mw-thumbs").replaceChildren(); stripOf = "";
      tell($("mw-no-page"), say("no_page"));
      return;
    }
    const count = pagesOf(row);
    pagesDrawn = row.dataset.pages;
    const wanted = address(row, shown.page, ZOOMS[zoom] > 1.5 ? "large" : "page");
    $("mw-view-name").textContent = row.dataset.name;
    $("mw-page-no").value = shown.page;
    $("mw-page-of").textContent = row.dataset.pages !== "0" ? fill(say("page_of"), { count }) : "";
    $("mw-page").style.width = `${100 * ZOOMS[zoom]}%`;
    const place = `${shown.sheet}/${shown.page}`;
    if (img.getAttribute("src") !== wanted) {
      $("mw-box").hidden = true;
      img.dataset.place = place;
      img.alt = `${row.dataset.name} ${shown.page}`;
      img.dataset.tries = 0;
      img.src = wanted;
    } else mark();
    strip(row, count);
  };

  const mark = () => {
    const box = $("mw-box");
    const img = $("mw-page-img");
    const here = marked && shown && marked.sheet === shown.sheet && marked.page === shown.page;
    if (!here || marked.box.length !== 4 || !img.naturalWidth) { box.hidden = true; return; }
    const [left, top, right, bottom] = marked.box;
    box.style.left = `${100 * left}%`;
    box.style.top = `${100 * top}%`;
    box.style.width = `${100 * Math.max(0.006, right - left)}%`;
    box.style.height = `${100 * Math.max(0.004, bottom - top)}%`;
    box.hidden = false;
    const stage = $("mw-stage");
    stage.scrollTo({
      top: (top + bottom) / 2 * img.clientHeight - stage.clientHeight / 2,
      left: (left + right) / 2 * img.clientWidth - stage.clientWidth / 2,
      behavior: calm(),
    });
    if (matchMedia("(min-width: 901px)").matches) $("mw-viewer").scrollIntoView({ block: "nearest", behavior: calm() });
  };

  // Small pictures of all pages: made once a file, asked for only when they come into view.
  const strip = (row, count) => {
    const made = `${row.dataset.link}/${count}`;
    const box = $("mw-thumbs");
    if (stripOf !== made) {
      stripOf = made;
      box.replaceChildren();
      box.hidden = count < 2;
      for (let page = 1; page <= count && count > 1; page += 1) {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.thumb = page;
        button.setAttribute("aria-label", String(page));
        const picture = document.createElement("img");
        picture.loading = "lazy";
        picture.alt = "";
        picture.addEventListener("error", () => again(picture));
        picture.src = address(row, page, "small");
        const number = document.createElement("span");
        number.textContent = page;
        button.append(picture, number);
        box.append(button);
      }
    }
    box.querySelectorAll("button").forEach((button) => {
      const now = Number(button.dataset.thumb) === shown.page;
      if (now && button.getAttribute("aria-current") !== "page") {
        box.scrollTo({ left: button.offsetLeft - box.clientWidth / 2, behavior: calm() });
      }
      if (now) button.setAttribute("aria-current", "page"); else button.removeAttribute("aria-current");
    });
  };

  const turn = (by) => {
    const row = shown && rowOf(shown.sheet);
    if (!row) return;
    const page = Math.max(1, Math.min(pagesOf(row), shown.page + by));
    if (page === shown.page) return;
    shown = { ...shown, page };
    draw();
    $("mw-stage").scrollTo({ top: 0 });
  };

  const size = (by) => {
    const before = zoom;
    zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom + by));
    if (zoom !== before) { $("mw-viewer").classList.toggle("is-large", zoom > 0); draw(); requestAnimationFrame(mark); }
  };

  // The server redrew the list of files: the first page is opened by itself, links may be new.
  const sheetsChanged = () => {
    if (!shown) {
      const first = document.querySelector(".mw-sheet[data-link]");
      if (first) { shown = { sheet: Number(first.dataset.sheet), page: 1 }; draw(); }
      return;
    }
    const row = rowOf(shown.sheet);
    if (!row) { shown = null; draw(); return; }
    row.classList.add("is-shown");
    if (!row.dataset.link || $("mw-page-img").hidden || pagesDrawn !== row.dataset.pages || stripOf !== `${row.dataset.link}/${pagesOf(row)}`) draw();
  };

  // --- tools ---------------------------------------------------------------------------------

  const rows = () => [...document.querySelectorAll("#mw-rows .mw-schema-row")]
    .map((row) => ({
      name: row.querySelector("[name=name]").value.trim(),
      type: row.querySelector("[name=type]").value,
      also: row.querySelector("[name=also]").value,
    }))
    .filter((row) => row.name);

  const addRow = () => {
    const form = $("mw-schema");
    if (rows().length >= Number(form.dataset.most)) return;
    $("mw-rows").insertAdjacentHTML("beforeend", form.dataset.row);
    $("mw-rows").lastElementChild.querySelector("input").focus();
  };

  const ACTS = {
    draft: () => { send.draft_papers({ key: work.key }); },
    samples: () => { document.body.classList.add("is-sending"); send.add_papers({ key: "", samples: true }); },
    end: () => { if (confirm(say("end_sure"))) send.end_papers({ key: work.key }); },
    page_before: () => turn(-1),
    page_after: () => turn(1),
    zoom_in: () => size(1),
    zoom_out: () => size(-1),
    view_close: () => {
      $("mw-viewer").classList.remove("is-open");
      originals.set(false);
      if (opener?.isConnected) opener.focus({ preventScroll: true });
    },
    row_add: addRow,
    row_remove: (button) => button.closest(".mw-schema-row").remove(),
    download: () => work.take("draft.json"),
  };

  // --- one listener for the whole page, because the panels are redrawn ------------------------

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = on("[data-act]"))) { if (send) ACTS[hit.dataset.act]?.(hit); }
    else if ((hit = on("[data-open]"))) open(hit.dataset.open, hit.dataset.page, hit.dataset.box, hit);
    else if ((hit = on("[data-view]:not(body)"))) open(hit.dataset.view, 1, "");
    else if ((hit = on("[data-thumb]"))) { shown = { ...shown, page: Number(hit.dataset.thumb) }; draw(); }
    else if ((hit = on("[data-tool]:not(body)"))) tool(hit.dataset.tool);
    else if ((hit = on("[data-stop]"))) send.stop_work({ key: work.key, kind: hit.dataset.stop, number: Number(hit.dataset.number || 0) });
    else if ((hit = on("[data-digest]"))) send.digest_paper({ key: work.key, sheet: Number(hit.dataset.digest) });
    else if ((hit = on("[data-out]"))) work.take(hit.dataset.out);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#mw-ask, #mw-schema, #mw-versions, .mw-unlock, .mw-form")) return;
    event.preventDefault();
    if (!send || !work.key) return;
    if (form.id === "mw-ask") {
      send.ask_papers({ key: work.key, question: $("mw-question").value });
      $("mw-question").select();
    } else if (form.id === "mw-schema") {
      const wanted = rows();
      if (wanted.length) send.find_fields({ key: work.key, rows: wanted });
    } else if (form.id === "mw-versions") {
      send.compare_papers({ key: work.key, old: Number(form.elements.old.value), new: Number(form.elements.new.value) });
    } else if (form.matches(".mw-unlock")) {
      form.classList.add("is-sending");
      send.unlock_paper({ key: work.key, sheet: Number(form.dataset.sheet), password: form.querySelector("input").value });
    }
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.matches(".mw-files")) { take([...event.target.files]); event.target.value = ""; }
    if (event.target.id === "mw-page-no") { if (shown) open(shown.sheet, event.target.value, ""); }
  });

  document.addEventListener("keydown", (event) => {
    if (walked(event)) return;
    if (!event.target.closest?.("#mw-viewer") || event.target.matches("input")) return;
    const keys = {
      ArrowLeft: () => turn(-1), PageUp: () => turn(-1), ArrowRight: () => turn(1), PageDown: () => turn(1),
      Home: () => turn(-1e6), End: () => turn(1e6), "+": () => size(1), "=": () => size(1), "-": () => size(-1),
      Escape: ACTS.view_close,
    };
    if (zoom > 0 && event.key.startsWith("Arrow")) return; // scrolls the large page
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  const start = (channels) => {
    send = channels;
    const img = $("mw-page-img");
    img.addEventListener("load", () => { img.hidden = false; tell($("mw-no-page"), ""); mark(); });
    img.addEventListener("error", () => { img.hidden = true; $("mw-box").hidden = true; tell($("mw-no-page"), say("no_page")); again(img); });
    new MutationObserver(sheetsChanged).observe($("mw-files-card"), { childList: true, subtree: true, attributes: true, attributeFilter: ["data-link", "data-pages"] });
    tool("draft");
    draw();
    work.restore();
  };

  window.MinwonDesk.page({
    needs: ["mw-files-card", "mw-viewer", "mw-page-img", "mw-rows", "mw-ask"],
    start,
    obey: work.obey,
    lost: work.lost,
    originals: draw,
    dropped: (files) => take(files),
  });
})();
