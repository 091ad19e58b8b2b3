// The compare page: one input, two models, a vote. What every page shares is in shared.js.
"use strict";

(() => {
  const { $, say, fill, tell, upload, room, trouble } = window.MinwonDesk;
  let send = null; // kind -> (data) => void, once the bridge is there
  let chosen = []; // files that go with the words

  const kind = () => document.querySelector('input[name="kind"]:checked')?.value || "draft";
  const sending = (text) => {
    document.body.classList.toggle("is-sending", Boolean(text));
    document.querySelectorAll(".mw-uploading").forEach((box) => tell(box, text));
  };

  // --- the input -----------------------------------------------------------------------------

  const list = () => {
    $("mw-files").replaceChildren(...chosen.map((file, number) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      name.dir = "auto";
      name.textContent = file.name;
      const off = document.createElement("button");
      off.type = "button";
      off.className = "mw-quiet";
      off.dataset.off = number;
      off.textContent = "×";
      off.setAttribute("aria-label", fill(say("compose.remove"), { name: file.name }));
      row.append(name, off);
      return row;
    }));
  };

  const add = (files) => {
    if (work.key) return;
    tell($("mw-said"), "");
    const main = $("mw-main").dataset;
    if (files.some((file) => file.size > Number(main.limit))) { trouble(say("compose.too_large")); return; }
    if (chosen.length + files.length > Number(main.most)) { trouble(say("too_many")); return; }
    chosen = [...chosen, ...files];
    list();
  };

  const asks = () => {
    $("mw-text-label").textContent = say(`label_${kind()}`);
    $("mw-text").placeholder = say(`example_${kind()}`);
  };

  const begin = async () => {
    if (!send || work.key || document.body.classList.contains("is-sending")) return;
    const text = $("mw-text").value.trim();
    tell($("mw-said"), "");
    if (kind() === "ask" && !chosen.length) { trouble(say("need_files")); return; }
    if (!text && (kind() === "ask" || !chosen.length)) { trouble(say("need_words")); return; }
    sending(fill(say("uploading"), { far: "" }));
    try {
      const files = [];
      for (const file of chosen) {
        const path = await upload(file, (share) => sending(fill(say("uploading"), { far: `${Math.round(100 * share)}%` })));
        files.push({ path, name: (file.name || "").slice(0, 4500) });
      }
      send.open_match({ kind: kind(), text, files });
    } catch (problem) { sending(""); trouble(problem); }
  };

  // --- the comparison ------------------------------------------------------------------------

  const work = room({
    name: "minwon.match",
    folder: "compare",
    watch: (key) => send.watch_match({ key }),
    opened: () => sending(""),
    said: () => sending(""),
    forgotten: () => { chosen = []; list(); },
  });

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = on("[data-verdict]"))) {
      document.querySelectorAll("[data-verdict]").forEach((button) => { button.disabled = true; });
      send.vote_match({ key: work.key, verdict: hit.dataset.verdict });
    } else if ((hit = on("[data-stop]"))) send.stop_match({ key: work.key, kind: hit.dataset.stop, number: Number(hit.dataset.number) });
    else if (on('[data-act="end"]')) send.end_match({ key: work.key });
    else if ((hit = on("[data-off]"))) { chosen.splice(Number(hit.dataset.off), 1); list(); }
    else if ((hit = on("[data-example]"))) {
      document.querySelector('input[name="kind"][value="draft"]').checked = true;
      asks();
      $("mw-text").value = hit.textContent;
      $("mw-text").focus();
    }
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "mw-compare") return;
    event.preventDefault();
    begin();
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.matches(".mw-files")) { add([...event.target.files]); event.target.value = ""; }
    if (event.target.name === "kind") asks();
  });

  const start = (channels) => {
    send = channels;
    work.restore();
  };

  window.MinwonDesk.page({ needs: ["mw-compare", "mw-text", "mw-files"], start, obey: work.obey, lost: work.lost, dropped: add });
})();
