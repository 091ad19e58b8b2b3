// The insights page: a range of days and a department go out, plots come back.
"use strict";

(() => {
  const { $, toast, spoke } = window.MinwonDesk;
  let send = null; // kind -> (data) => void, once the bridge is there

  const asked = () => {
    const form = $("mw-range");
    if (!form) return {};
    const data = Object.fromEntries(new FormData(form));
    return data.first && data.last ? data : {};
  };
  const show = () => {
    document.body.classList.add("is-counting");
    spoke();
    send.show_insights(asked());
  };
  // A day as the form writes it, in the reader's own calendar.
  const written = (day) => [day.getFullYear(), day.getMonth() + 1, day.getDate()]
    .map((part) => String(part).padStart(2, "0")).join("-");

  document.addEventListener("submit", (event) => {
    if (event.target.id === "mw-range") { event.preventDefault(); show(); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("#mw-range")) show();
  });
  document.addEventListener("click", (event) => {
    const quick = event.target.closest?.("[data-days]");
    if (quick) {
      const last = new Date();
      const first = new Date(last);
      first.setDate(last.getDate() - Number(quick.dataset.days) + 1);
      $("mw-range").elements.first.value = written(first);
      $("mw-range").elements.last.value = written(last);
      show();
    }
    const head = event.target.closest?.("[data-head]");
    if (head) {
      head.disabled = true;
      send.use_head({ head: head.dataset.head ? Number(head.dataset.head) : null });
    }
  });

  const answers = {
    shown: () => {},
    head: (told) => toast(told.text, "good"),
    said: (told) => toast(told.text, "bad"),
  };

  window.MinwonDesk.page({
    start: (channels) => { send = channels; show(); },
    obey: (told) => { document.body.classList.remove("is-counting"); answers[told.do]?.(told); },
  });
})();
