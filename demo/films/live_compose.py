"""The parts of a watched camera that don't change: how it begins, its picture, how it stops."""

from __future__ import annotations

from demo.films.live import LONGEST_S
from demo.present import Words

CAMERA = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="1.8" stroke-linejoin="round"><path d="M3.500 7h11v10h-11zM14.500 10.500l6-3v9'
    'l-6-3z"/></svg>'
)


def start(words: Words, hosts: str) -> str:
    """The browser's camera; an address where the administrator allows any."""
    address = f'<p class="mw-soft mw-live-none">{words("live_no_hosts")}</p>'
    if hosts.strip():
        address = (
            '<form class="mw-ask" id="mw-live-form"><label for="mw-live-address">'
            f'{words("live_address")}</label><div class="mw-ask-row"><input id="mw-live-address"'
            ' maxlength="500" required autocomplete="off" spellcheck="false" dir="ltr"'
            ' placeholder="rtsp://camera/stream">'
            f'<button class="mw-secondary">{words("live_watch")}</button></div></form>'
        )
    return (
        '<section class="mw-card" aria-labelledby="mw-live-h"><h2 id="mw-live-h">'
        f'{words("live")}</h2><p class="mw-soft">'
        f"{words('live_hint', minutes=round(LONGEST_S / 60))}</p>"
        '<button type="button" class="mw-secondary mw-live-begin" data-act="live_camera">'
        f"{CAMERA}{words('live_camera')}</button>{address}</section>"
    )


def screen(words: Words) -> str:
    """What the camera sees, and how to stop."""
    return (
        f'<div class="mw-live-top"><h2>{words("live")}</h2>'
        '<button type="button" class="mw-secondary" data-act="live_stop">'
        f"{words('live_stop')}</button></div>"
        '<div class="mw-screen" id="mw-live-screen"><video id="mw-live-video" muted playsinline'
        f' autoplay aria-label="{words("live_own")}"></video></div>'
        f'<p class="mw-soft mw-live-own">{words("live_own_hint")}</p>'
    )
