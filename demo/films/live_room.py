"""What the video page does for a camera: it begins, is followed window by window, and ends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from demo.films import asks
from demo.films.live import LiveDesk, LiveWatch
from demo.films.live_panel import live_panel
from demo.films.screen import FilmScreen
from demo.papers.links import PaperLinks
from demo.papers.sessions import PapersNotFound
from demo.present import Words

TURN_S = 20.0
"""A page that went away is followed no longer than this; one that is there asks again."""
WAIT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRoom:
    """Everything that the page needs of it."""

    desk: LiveDesk
    links: PaperLinks
    clock: Callable[[], float] = field(default=time.monotonic)

    def camera(self, words: Words) -> FilmScreen:
        """The browser's own camera. Raises LiveFull."""
        return self._opened(words, *self.desk.open_camera())

    def address(self, words: Words, ask: asks.Watch) -> FilmScreen:
        """A camera on the network. Raises LiveRefused, LiveFull."""
        return self._opened(words, *self.desk.open_address(ask.address))

    def _opened(self, words: Words, key: str, watch: LiveWatch) -> FilmScreen:
        link = f"/films/{self._token(watch)}/live"
        told = {"do": "live_opened", "key": key, "link": link, "source": watch.source}
        return FilmScreen(live=live_panel(words, watch, self._token(watch)), command=told)

    def follow(self, words: Words, ask: asks.Keyed) -> Iterator[FilmScreen]:
        """The windows as they come, until it ended or the turn is over."""
        try:
            watch = self.desk.find(ask.key)
        except PapersNotFound:
            yield FilmScreen(command={"do": "live_gone"})
            return
        token, until, revision = self._token(watch), self.clock() + TURN_S, -1
        while self.clock() < until:
            now = self.desk.wait(watch, revision, WAIT_S)
            if now != revision:
                revision = now
                yield FilmScreen(live=live_panel(words, watch, token))
            if watch.state == "ended":
                yield FilmScreen(command={"do": "live_ended"})
                return
        yield FilmScreen(command={"do": "live_again"})

    def stop(self, ask: asks.Keyed) -> FilmScreen:
        """End it; its windows are forgotten."""
        with contextlib.suppress(PapersNotFound):
            self.desk.stop(self.desk.find(ask.key))
        return FilmScreen(live="", command={"do": "live_gone"})

    def of(self, token: str) -> LiveWatch:
        """The watch of a link. Raises PapersNotFound."""
        name, what = self.links.read(token)
        if what != "live":
            raise PapersNotFound
        return self.desk.by_id(name)

    def _token(self, watch: LiveWatch) -> str:
        if not watch.token:
            watch.token = self.links.sign(watch.id, "live")
        return watch.token
