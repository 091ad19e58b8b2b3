// The citizen's page: recorder, upload, citations, corrections. The panels are drawn by the server;
// what every page shares is in shared.js.
"use strict";

(() => {
  const { $, say, fill, calm, view, tell, toast, spoke } = window.MinwonDesk;
  const KEPT = "minwon.case";
  let send = null; // kind -> (data) => void, once the bridge is there
  let fresh = null; // the secret is shown in full only right after it was made
  let live = false;
  let chosen = []; // the Files that would be sent

  // --- the receipt of the open case: in this tab only, gone with it --------------------------

  const kept = () => window.MinwonDesk.kept(KEPT);
  const keep = (made) => window.MinwonDesk.keep(KEPT, made);
  let receipt = null;

  // --- commands of the server --------------------------------------------------------------

  const follow = () => {
    if (!receipt || !send) return;
    live = true;
    spoke();
    send.follow({ ...receipt, fresh: fresh === receipt.number });
  };

  const obey = (told) => {
    if (told.do === "opened") {
      receipt = { number: told.number, secret: told.secret };
      fresh = told.number;
      keep(receipt);
      reset();
      view("case");
      window.scrollTo({ top: 0 });
      follow();
    } else if (told.do === "shown") {
      pending(false);
      if (receipt) { keep(receipt); view("case"); }
    } else if (told.do === "again") {
      follow();
    } else if (told.do === "ended") {
      live = false;
      freshForm();
      lookAround();
    } else if (told.do === "filed") {
      freshForm();
      toast(told.text, "good");
      window.scrollTo({ top: 0, behavior: calm() });
    } else if (told.do === "erased") {
      restart();
      toast(told.text, "good");
    } else if (told.do === "said") {
      complain(told);
    }
  };

  const complain = (told) => {
    pending(false);
    if (told.tone !== "bad") { freshForm(); lookAround(); toast(told.text, "good"); return; }
    if (told.code === "case.not_found") {
      receipt = null; live = false; keep(null); view("start");
      tell($("mw-lookup-said"), told.text);
      $("mw-lookup-number").focus();
    } else if (document.body.dataset.view === "start") {
      tell($("mw-said"), told.text);
      $("mw-said").scrollIntoView({ block: "nearest", behavior: calm() });
    } else {
      toast(told.text, "bad");
      if (told.code === "case.conflict") freshForm();
    }
  };

  // The server's new values become the form's values, over what was typed before. The panel is
  // patched a moment after its value arrives, hence the wait.
  const freshForm = () => setTimeout(() => {
    const form = $("mw-form");
    if (form) { form.reset(); changed(false); }
    document.querySelectorAll(".mw-edit").forEach((edit) => { edit.reset(); closeEdit(edit); });
  }, 60);

  // Have others reported the same? Asked beside the draft, which waits for no answer.
  const lookAround = () => setTimeout(() => {
    if (receipt && send && $("mw-form")?.dataset.status === "drafted") send.similar(receipt);
  }, 80);

  const changed = (yes) => { const form = $("mw-form"); if (form) form.classList.toggle("is-changed", yes); };

  // --- sending -----------------------------------------------------------------------------

  const pending = (yes) => {
    document.body.classList.toggle("is-sending", yes);
    const button = $("mw-send");
    if (!button) return;
    button.disabled = yes;
    button.dataset.label ||= button.textContent;
    button.textContent = yes ? say("compose.sending") : button.dataset.label;
    if (!yes) $("mw-upload").hidden = true;
  };

  const most = () => Number($("mw-main").dataset.most);
  const tooLarge = (files) => {
    const limit = Number($("mw-main").dataset.limit);
    const one = files.find((file) => file.size > limit);
    return one ? fill(say("compose.too_large_one"), { name: one.name, limit_mb: limit / 1e6 }) : "";
  };

  // One after the other; `onShare` hears how far all of them together are.
  const uploadAll = async (files, onShare) => {
    const whole = files.reduce((sum, file) => sum + file.size, 0) || 1;
    const sent = [];
    let before = 0;
    for (const file of files) {
      const path = await window.MinwonDesk.upload(file, (part) => onShare((before + part * file.size) / whole, sent.length));
      before += file.size;
      sent.push({ path, name: (file.name || "").slice(0, 4500) });
      onShare(before / whole, sent.length);
    }
    return sent;
  };

  const share = (loaded) => {
    $("mw-upload").hidden = false;
    $("mw-upload").firstElementChild.style.width = `${100 * loaded}%`;
  };

  const submit = async () => {
    if (!chosen.length || !send) return;
    const large = tooLarge(chosen);
    tell($("mw-said"), large);
    if (large) return;
    pending(true);
    const count = chosen.length;
    try {
      const files = await uploadAll(chosen, (part, done) => {
        share(part);
        if (count > 1) $("mw-send").textContent = fill(say("compose.sending_of"), { done, count });
      });
      send.submit({ files, language: $("mw-language").value });
    } catch (problem) {
      pending(false);
      tell($("mw-said"), String(problem));
    }
  };

  const kindOf = (file) => say(`files.${{ audio: "voice", video: "video", image: "image" }[file.type.split("/")[0]] || "document"}`);
  const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

  const choose = (files) => {
    if (!files.length) return;
    const known = new Set(chosen.map((file) => `${file.name} ${file.size} ${file.lastModified}`));
    const fresh = files.filter((file) => !known.has(`${file.name} ${file.size} ${file.lastModified}`));
    const all = [...chosen, ...fresh];
    chosen = all.slice(0, most());
    tell($("mw-said"), all.length > most() ? fill(say("compose.too_many"), { limit: most() }) : "");
    listChosen();
    $("mw-send").focus();
  };

  const listChosen = () => {
    document.querySelector(".mw-idle").hidden = chosen.length > 0;
    $("mw-chosen").hidden = !chosen.length;
    tell($("mw-ready"), fill(say("compose.ready"), { count: chosen.length }));
    $("mw-sending").replaceChildren(...chosen.map((file, index) => {
      const row = document.createElement("li");
      const kind = document.createElement("span");
      kind.textContent = kindOf(file);
      const name = document.createElement("b");
      name.dir = "auto";
      name.textContent = file.name;
      const size = document.createElement("small");
      size.textContent = sizeOf(file.size);
      const out = document.createElement("button");
      out.type = "button";
      out.className = "mw-quiet mw-x";
      out.dataset.drop = index;
      out.textContent = "×";
      out.setAttribute("aria-label", fill(say("compose.remove"), { name: file.name }));
      row.append(kind, name, size, out);
      return row;
    }));
    const sound = chosen.filter((file) => /^(audio|video)\//.test(file.type));
    const preview = $("mw-preview");
    if (preview.src) URL.revokeObjectURL(preview.src);
    if (sound.length === 1) preview.src = URL.createObjectURL(sound[0]);
    else preview.removeAttribute("src");
    preview.hidden = sound.length !== 1;
    $("mw-file").value = "";
  };

  const reset = () => {
    chosen = [];
    listChosen();
    tell($("mw-said"), "");
    tell($("mw-lookup-said"), "");
    pending(false);
  };

  // More files for the open case. What was typed into the form goes along and is saved first.
  const addFiles = async (files) => {
    if (!files.length || !receipt || !send) return;
    const large = tooLarge(files);
    if (large) { toast(large, "bad"); return; }
    const form = $("mw-form");
    const typed = form && form.classList.contains("is-changed") ? fields() : {};
    const data = { ...receipt, version: version(), fields: typed };
    document.body.classList.add("is-sending");
    try {
      const sent = await uploadAll(files.slice(0, 100), (part, done) => {
        tell($("mw-add-said"), fill(say("compose.sending_of"), { done, count: files.length }));
      });
      send.add_files({ ...data, files: sent });
    } catch (problem) {
      toast(String(problem), "bad");
    }
    document.body.classList.remove("is-sending");
  };

  // --- the microphone ----------------------------------------------------------------------

  let recorder = null;
  let ticking = 0;

  const record = async () => {
    if (recorder) { recorder.stop(); return; }
    tell($("mw-said"), "");
    if (!window.isSecureContext || !navigator.mediaDevices) { tell($("mw-said"), say("compose.insecure_microphone")); listChosen(); return; }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      tell($("mw-said"), say("compose.no_microphone"));
      listChosen();
      return;
    }
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
    recorder.onstop = () => {
      const type = recorder.mimeType || "audio/webm";
      recorder = null;
      stream.getTracks().forEach((track) => track.stop());
      clearInterval(ticking);
      dress(false);
      const now = new Date();
      const stamp = [now.getHours(), now.getMinutes(), now.getSeconds()].map((n) => String(n).padStart(2, "0")).join("");
      if (parts.length) choose([new File(parts, `recording-${stamp}.${type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm"}`, { type })]);
      else listChosen();
    };
    recorder.start(1000);
    dress(true);
    meter(stream);
    const began = Date.now();
    const tick = () => {
      const s = Math.floor((Date.now() - began) / 1000);
      $("mw-mic-label").textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} · ${say("compose.stop")}`;
    };
    tick();
    ticking = setInterval(tick, 500);
  };

  const dress = (on) => {
    $("mw-mic").classList.toggle("is-on", on);
    $("mw-mic").setAttribute("aria-label", say(on ? "compose.stop" : "compose.record"));
    $("mw-mic").setAttribute("aria-pressed", String(on));
    if (!on) $("mw-mic-label").textContent = say("compose.record");
  };

  // A ring that breathes with the voice, so that one sees that one is heard.
  const meter = (stream) => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 256;
    context.createMediaStreamSource(stream).connect(analyser);
    const level = new Uint8Array(analyser.fftSize);
    const canvas = $("mw-level");
    const pen = canvas.getContext("2d");
    const color = getComputedStyle(document.body).getPropertyValue("--mw-live").trim() || "#d92d20";
    const draw = () => {
      pen.clearRect(0, 0, 320, 320);
      if (!recorder) { context.close(); return; }
      analyser.getByteTimeDomainData(level);
      const loud = Math.min(1, Math.sqrt(level.reduce((sum, v) => sum + (v - 128) ** 2, 0) / level.length) / 40);
      pen.strokeStyle = color;
      for (let ring = 0; ring < 3; ring += 1) {
        pen.globalAlpha = 0.5 - ring * 0.15;
        pen.lineWidth = 6;
        pen.beginPath();
        pen.arc(160, 160, 104 + (14 + ring * 17) * loud, 0, 2 * Math.PI);
        pen.stroke();
      }
      requestAnimationFrame(draw);
    };
    draw();
  };

  // --- correcting --------------------------------------------------------------------------

  const openEdit = (button) => {
    const form = document.querySelector(`.mw-edit[data-correct="${button.dataset.edit}"]`);
    if (!form) return;
    form.hidden = false;
    form.closest(".mw-seg").classList.add("is-editing");
    const box = form.querySelector("textarea");
    box.focus();
    const at = button.dataset.word ? box.value.indexOf(button.dataset.word) : -1;
    if (at >= 0) box.setSelectionRange(at, at + button.dataset.word.length);
  };

  const closeEdit = (form) => {
    form.hidden = true;
    form.closest(".mw-seg")?.classList.remove("is-editing");
  };

  const version = () => Number(($("mw-form")?.dataset.version ?? document.querySelector("[data-case-version]")?.dataset.caseVersion) || 0);

  const fields = () => {
    const form = $("mw-form");
    const found = {};
    for (const name of ["title", "place", "summary", "request", "category", "urgency"]) {
      const control = form.elements[name];
      if (control && control.value) found[name] = control.value;
      else if (control) found[name] = "";
    }
    if (form.elements.other.value) found.category = form.elements.other.value;
    return found;
  };

  const changeDraft = (file, join = "") => {
    const data = { ...receipt, version: version(), fields: fields(), file, join };
    send.change_draft(data);
  };

  const download = () => {
    const form = fields();
    const lines = [...document.querySelectorAll(".mw-seg")].map((segment, index) => ({
      index, start_s: Number(segment.dataset.start || 0), end_s: Number(segment.dataset.end || 0),
      text: segment.querySelector(".mw-edit textarea")?.defaultValue || segment.querySelector(".mw-said").firstChild.textContent,
    }));
    const department = document.querySelector('[data-field="department"] dd')?.textContent;
    const due = document.querySelector('[data-field="due_date"] dd')?.textContent;
    const reply = document.querySelector(".mw-reply blockquote")?.textContent || "";
    const whole = { number: receipt.number, ...form, department, due, reply, evidence: lines };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(whole, null, 2)], { type: "application/json" }));
    link.download = `${receipt.number}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const restart = () => {
    receipt = null; fresh = null; live = false;
    keep(null);
    window.MinwonDesk.players().forEach((player) => player.pause());
    reset();
    view("start");
    window.scrollTo({ top: 0 });
  };

  const ACTS = {
    cancel: () => send.cancel_job(receipt),
    retry: () => send.retry_job(receipt),
    redraft: () => send.redraft(receipt),
    save: () => changeDraft(false),
    file: () => changeDraft(true),
    download,
    refresh: follow,
    withdraw: () => send.withdraw(receipt),
    erase: () => send.erase(receipt),
    new: restart,
  };

  // --- one listener for the whole page, because the panels are redrawn ----------------------

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = on("[data-act]"))) { if (send) ACTS[hit.dataset.act]?.(); }
    else if ((hit = on("[data-join]"))) { if (send) changeDraft(true, hit.dataset.join); }
    else if ((hit = on("[data-drop]"))) { chosen.splice(Number(hit.dataset.drop), 1); listChosen(); }
    else if (on("#mw-more-files")) $("mw-file").click();
    else if (on("#mw-more-voice")) { document.querySelector(".mw-idle").hidden = false; $("mw-chosen").hidden = true; record(); }
    else if ((hit = on("[data-edit]"))) openEdit(hit);
    else if ((hit = on("[data-undo]"))) { const form = hit.closest("form"); form.reset(); closeEdit(form); }
    else if ((hit = on("[data-copy]"))) navigator.clipboard?.writeText(hit.dataset.copy).then(() => toast(say("receipt.copied")), () => {});
    else if ((hit = on("[data-sample]"))) { if (send) { tell($("mw-said"), ""); document.body.classList.add("is-sending"); send.submit({ sample: hit.dataset.sample, language: "" }); } }
    else if (on("#mw-mic")) record();
    else if (on("#mw-send")) submit();
    else if (on("#mw-discard")) reset();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#mw-lookup, .mw-edit, .mw-form, #mw-reply-form")) return;
    event.preventDefault();
    if (!send) return;
    if (form.id === "mw-lookup") {
      tell($("mw-lookup-said"), "");
      receipt = { number: $("mw-lookup-number").value.trim(), secret: $("mw-lookup-secret").value.trim() };
      fresh = null;
      follow();
    } else if (form.id === "mw-reply-form") {
      send.reply({ ...receipt, text: form.elements.text.value });
    } else if (form.matches(".mw-edit")) {
      send.correct({ ...receipt, version: version(), index: Number(form.dataset.correct), text: form.querySelector("textarea").value });
    }
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.id === "mw-file") choose([...event.target.files]);
    if (event.target.id === "mw-add-file") addFiles([...event.target.files]);
    if (event.target.id === "mw-other" && event.target.value) {
      document.querySelectorAll('#mw-form input[name="category"]').forEach((radio) => { radio.checked = false; });
    }
    if (event.target.name === "category" && $("mw-other")) $("mw-other").value = "";
    if (event.target.closest?.("#mw-form")) changed(true);
  });
  document.addEventListener("input", (event) => { if (event.target.closest?.("#mw-form")) changed(true); });

  // --- the start ---------------------------------------------------------------------------

  const start = (channels) => {
    send = channels;
    receipt = kept();
    if (receipt) { view("case"); follow(); } else view("start");
    if (location.hash === "#lookup") $("lookup").scrollIntoView();
  };

  window.MinwonDesk.page({
    needs: ["mw-file", "mw-send", "mw-lookup"],
    start,
    obey,
    lost: () => { if (live && receipt) follow(); },
    dropped: (files) => { if (document.body.dataset.view === "start") choose(files); else if ($("mw-add-file")) addFiles(files); },
  });
})();
