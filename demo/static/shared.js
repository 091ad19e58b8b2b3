// What every page of Minwon Desk shares: the bridge to the server, uploads, sentences, the state of
// the models and of the line. A page's own script calls MinwonDesk.page({needs, start,
// obey, lost, dropped}) and the server's component then calls connect and obey.
"use strict";

(() => {
  const SILENT_MS = 30000;
  let own = {}; // the page's own functions
  let words = {};
  let channels = null;
  let begun = false;
  let waiting = [];
  let heard = Date.now(); // when the server last spoke

  const $ = (id) => document.getElementById(id);
  const say = (key) => words[key] || key;
  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (all, name) => (name in facts ? facts[name] : all));
  const calm = () =>
    matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  const view = (name) => { document.body.dataset.view = name; };

  // --- what this tab remembers, gone with it -------------------------------------------------

  const kept = (name) => {
    try { return JSON.parse(sessionStorage.getItem(name) || "null"); } catch { return null; }
  };
  const keep = (name, value) => {
    try {
      if (value) sessionStorage.setItem(name, JSON.stringify(value));
      else sessionStorage.removeItem(name);
    } catch { /* a browser without storage still works until it is reloaded */ }
  };

  // --- sentences -----------------------------------------------------------------------------

  const tell = (box, text) => { if (box) { box.textContent = text; box.hidden = !text; } };
  let toastTimer = 0;
  const toast = (text, tone) => {
    const box = $("mw-toast");
    box.dataset.tone = tone || "good";
    tell(box, text);
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { box.hidden = true; }, tone === "bad" ? 9000 : 3500);
  };

  // --- sending files -------------------------------------------------------------------------

  const ending = (name) => {
    const found = /\.[a-z0-9]{1,8}$/i.exec(name || "");
    return found ? found[0].toLowerCase() : "";
  };

  // A name of our own travels: nobody meets another one's file, and no long name meets a disk.
  const upload = (file, onShare) => new Promise((done, failed) => {
    const body = new FormData();
    const random = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16)).join("");
    body.append("files", file, `upload-${random}${ending(file.name)}`);
    const call = new XMLHttpRequest();
    call.open("POST", new URL("gradio_api/upload", document.baseURI.split("?")[0]));
    call.upload.onprogress = (event) => {
      if (event.lengthComputable && onShare) onShare(event.loaded / event.total);
    };
    call.onload = () => {
      if (call.status === 413) failed(say("compose.too_large"));
      else if (call.status !== 200) failed(say("error.page.upload_failed"));
      else done(JSON.parse(call.responseText)[0]);
    };
    call.onerror = () => failed(say("error.page.upload_failed"));
    call.send(body);
  });

  // Dropping works anywhere on the page, so that a near miss opens no strange file.
  let over = 0;
  const lit = (yes) => document.querySelectorAll(".mw-drop").forEach((box) => box.classList.toggle("is-over", yes));
  document.addEventListener("dragenter", () => { over += 1; lit(true); });
  document.addEventListener("dragleave", () => { over = Math.max(0, over - 1); if (!over) lit(false); });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over = 0; lit(false);
    if (own.dropped) own.dropped([...event.dataTransfer.files]);
  });

  // The menu of languages closes when something else is meant.
  const menu = () => document.querySelector(".mw-languages[open]");
  document.addEventListener("click", (event) => { if (!event.target.closest(".mw-languages")) menu()?.removeAttribute("open"); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu()) { menu().firstElementChild.focus(); menu().removeAttribute("open"); }
  });

  // --- the state of the models, and of the line to the server --------------------------------

  const status = (state, key) => {
    const box = $("mw-status");
    if (!box) return;
    box.dataset.state = state;
    const text = say(key);
    if (box.lastElementChild.textContent !== text) box.lastElementChild.textContent = text;
  };

  const look = async () => {
    let wait = 1500;
    try {
      const models = (await (await fetch("/health/ready", { cache: "no-store" })).json()).models;
      const states = Object.values(models);
      const busy = Object.keys(models).filter((name) => models[name] !== "ready");
      if (!busy.length) { status("ready", "status.ready"); wait = 15000; }
      else if (states.includes("failed")) { status("failed", "status.failed"); wait = 5000; }
      else status("loading", busy.length > 1 ? "status.loading" : `status.loading_${busy[0]}`);
    } catch {
      status("offline", "status.offline");
      heard = 0;
    }
    setTimeout(look, wait);
  };

  // A line that went silent is taken up again: a server that was started anew knows the work.
  setInterval(() => {
    if (own.lost && Date.now() - heard > SILENT_MS) { heard = Date.now(); own.lost(); }
  }, 2000);

  // --- a room: a session that the server keeps for this tab, told panel by panel -------------

  // `name` is what the tab remembers it by, `folder` where its exports lie; watch(key) looks at it,
  // opened() and said(told) are the page's own part of those answers, forgotten() tidies up.
  const room = ({ name, folder, watch, opened, said, forgotten }) => {
    let key = null; // whoever has it has the session
    let out = ""; // token of the exports
    let live = false;
    let following = false;
    let missed = false; // something began while a look at the session was just ending

    const follow = () => {
      if (!key) return;
      if (following) { missed = true; return; }
      live = true; following = true; missed = false;
      spoke();
      watch(key);
    };
    const forget = () => {
      key = null; live = false; following = false;
      keep(name, null);
      forgotten();
      view("start");
      window.scrollTo({ top: 0 });
    };
    const answers = {
      opened: (told) => {
        key = told.key; out = told.out;
        keep(name, { key });
        opened();
        if (document.body.dataset.view !== "case") { view("case"); window.scrollTo({ top: 0 }); }
        follow();
      },
      shown: (told) => { out = told.out; view("case"); },
      go: () => follow(),
      again: () => { following = false; follow(); },
      ended: () => { following = false; live = false; if (missed) follow(); },
      closed: () => { forget(); toast(say("closed"), "good"); },
      said: (told) => {
        said(told);
        if (told.code === "papers.not_found") { forget(); tell($("mw-said"), say("expired")); return; }
        trouble(told.text);
        if (key) follow();
      },
    };
    return {
      get key() { return key; },
      follow,
      obey: (told) => answers[told.do]?.(told),
      lost: () => { following = false; if (live && key) follow(); },
      restore: () => { key = kept(name)?.key || null; if (key) { view("case"); follow(); } else view("start"); },
      take: (file) => {
        const link = document.createElement("a");
        link.href = `/${folder}/${out}/out/${file}?language=${document.documentElement.lang}`;
        link.download = "";
        link.click();
      },
    };
  };

  const trouble = (text) => {
    if (document.body.dataset.view === "start") tell($("mw-said"), text);
    else toast(text, "bad");
  };

  const tool = (name) => {
    document.body.dataset.tool = name;
    document.querySelectorAll("[data-tool]").forEach((tab) => {
      if (tab !== document.body) tab.setAttribute("aria-selected", String(tab.dataset.tool === name));
    });
  };

  // Arrow keys walk along the tabs; true where that is what the key was for.
  const walked = (event) => {
    const tabs = event.target.closest?.("[role=tablist]");
    if (!tabs || (event.key !== "ArrowRight" && event.key !== "ArrowLeft")) return false;
    const all = [...tabs.children];
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowRight" ? 1 : -1);
    const next = all[(at + all.length) % all.length];
    next.focus();
    tool(next.dataset.tool);
    return true;
  };

  // Where many look at once a picture may be refused for a moment: it is asked for again, a few times.
  const again = (picture) => {
    const wanted = picture.getAttribute("src");
    const tries = Number(picture.dataset.tries) || 0;
    if (!wanted || tries >= 5) return;
    picture.dataset.tries = tries + 1;
    setTimeout(() => { if (picture.getAttribute("src") === wanted) picture.src = wanted; }, 700 * (tries + 1));
  };

  // --- the bridge ----------------------------------------------------------------------------

  // The bridge may be there before the parts of the page that a script needs are drawn.
  const begin = () => {
    if (begun || !channels || !own.start) return;
    if (!["mw-main", "mw-toast", ...(own.needs || [])].every($)) { setTimeout(begin, 25); return; }
    begun = true;
    words = JSON.parse($("mw-main").dataset.words);
    document.body.dataset.ready = "yes";
    look();
    own.start(channels);
    const told = waiting;
    waiting = [];
    told.forEach((command) => own.obey(command));
  };

  const connect = (made) => { channels = made; begin(); };
  const page = (made) => { own = made; begin(); };
  const obey = (value) => {
    heard = Date.now();
    if (!value) return;
    const told = JSON.parse(value);
    if (begun) own.obey(told); else waiting.push(told);
  };
  const spoke = () => { heard = Date.now(); };

  window.MinwonDesk = { $, say, fill, calm, view, kept, keep, tell, toast, upload, connect, obey, page, spoke, room, trouble, tool, walked, again };
})();
