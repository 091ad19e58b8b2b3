// A camera on the video page: frames go to the server one by one, described windows come back.
"use strict";

(() => {
  const { $, say, view, toast, trouble } = window.MinwonDesk;
  const EVERY_MS = 400; // the server looks at four frames a second at most
  const SIDE_PX = 1280;
  let send = null;
  let key = "";
  let link = "";
  let camera = null; // the browser's own
  const canvas = document.createElement("canvas");

  const begin = async () => {
    if (key || camera) return;
    if (!navigator.mediaDevices?.getUserMedia) { trouble(say("live_insecure")); return; }
    try {
      camera = await navigator.mediaDevices.getUserMedia({
        audio: false, video: { width: { ideal: SIDE_PX }, height: { ideal: 720 }, facingMode: "environment" },
      });
    } catch { trouble(say("live_denied")); return; }
    send.live_camera({});
  };

  // Brightness first, then both colours at half size: raw pixels, so that the server parses nothing.
  const planes = (pixels, wide, high) => {
    const out = new Uint8Array(wide * high * 1.5);
    let blue = wide * high;
    let red = blue * 1.25;
    for (let row = 0, at = 0; row < high; row += 1) {
      for (let column = 0; column < wide; column += 1, at += 1) {
        const [r, g, b] = [pixels[4 * at], pixels[4 * at + 1], pixels[4 * at + 2]];
        out[at] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
        if (row % 2 || column % 2) continue;
        out[blue++] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
        out[red++] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
      }
    }
    return out;
  };

  // One frame is on its way at a time: a slow line sends fewer, and nothing queues up.
  const push = async (mine) => {
    while (key === mine && camera) {
      const video = $("mw-live-video");
      const share = Math.min(1, SIDE_PX / Math.max(video.videoWidth, video.videoHeight, 1));
      const [wide, high] = [video.videoWidth, video.videoHeight].map((side) => 2 * Math.floor(side * share / 2));
      const next = Date.now() + EVERY_MS;
      if (wide && high) {
        canvas.width = wide; canvas.height = high;
        const brush = canvas.getContext("2d", { willReadFrequently: true });
        brush.drawImage(video, 0, 0, wide, high);
        const body = planes(brush.getImageData(0, 0, wide, high).data, wide, high);
        await fetch(link, { method: "POST", headers: { "X-Frame": `${wide}x${high}`, "Content-Type": "application/octet-stream" }, body }).catch(() => {});
      }
      await new Promise((done) => setTimeout(done, Math.max(0, next - Date.now())));
    }
  };

  const dark = () => {
    camera?.getTracks().forEach((track) => track.stop());
    camera = null;
    if ($("mw-live-video")) $("mw-live-video").srcObject = null;
  };

  const forget = () => { dark(); key = ""; link = ""; if (document.body.dataset.view === "live") view("start"); };

  const answers = {
    live_opened: (told) => {
      key = told.key; link = told.link;
      if (told.source === "camera" && !camera) { stop(); return; }
      document.body.dataset.live = told.source;
      view("live");
      window.scrollTo({ top: 0 });
      if (camera) { $("mw-live-video").srcObject = camera; push(key); }
      follow();
    },
    live_again: () => follow(),
    live_ended: () => dark(),
    live_gone: () => { const asked = Boolean(key); forget(); if (asked) toast(say("live_gone"), "good"); },
  };

  const follow = () => { if (key) send.live_watch({ key }); };
  const stop = () => { if (key) send.live_stop({ key }); };

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "mw-live-form") return;
    event.preventDefault();
    if (send && !key) send.live_address({ address: $("mw-live-address").value });
  }, true);
  addEventListener("pagehide", () => { if (link) navigator.sendBeacon(`${link}/stop`); });

  window.MinwonDesk.live = {
    start: (channels) => { send = channels; },
    acts: { live_camera: begin, live_stop: stop },
    obey: (told) => (answers[told.do] ? (answers[told.do](told), true) : false),
    refused: () => { if (!key) dark(); },
    lost: follow,
  };
})();
