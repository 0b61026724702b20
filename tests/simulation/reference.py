"""The reference: the rules of the readings as a driver, independent of the program, with each rule removable.

It sees what a tick and a refresher see, and nothing else. `Place` is what it keeps of one config directory.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulation.account import FIVE, SPAN_S, WEEK, Key
from tests.simulation.driver import Drawn, Shown
from tests.simulation.reference_readings import (
    AHEAD_S,
    ENDPOINT,
    SAME_S,
    Limit,
    Owner,
    Owners,
    Reading,
    Rules,
    Source,
    Windows,
    line_of,
    modulo_week,
    windows_of_body,
    windows_of_limits,
)

if TYPE_CHECKING:
    from tests.simulation.driver import Ask, Copy, Directory

PROCESSES, CONTENTS, GROUPS, FORMERS, WAITING = 64, 48, 4, 4, 8
ASK_S, SOON_S = 600, 300  # between two requests, and where something is in doubt
REQUESTS = 12  # of an account in an hour
SILENT_S, ALIVE_S = 3600, 600
RIGHT_AFTER_S = 5  # a window whose reset is this close may have left
WAIT = "wait"

ContentKey = tuple[str, frozenset[tuple[str, float, "float | None"]]]


@dataclass(eq=False)
class Content:
    """What one answer says, as stdin hands it in again and again; ``dated`` says that ``seen_at`` is its age."""

    seen_at: float
    dated: bool
    windows: Windows
    owner: Owner = None


@dataclass(eq=False)
class Process:
    """Who hands answers in: whose login it has, as far as known, and its last content."""

    id: Source
    owner: Owner = None
    content: Content | None = None


class Reference:
    """A driver that follows the rules: a `Place` for each directory, and the accounts' readings that they share."""

    def __init__(self, *, may_ask: bool = True, rules: Rules | None = None) -> None:
        self._may_ask, self._rules = may_ask, rules or Rules()
        self.purge()

    def purge(self) -> None:
        self._owners = Owners()
        self._places: dict[Directory, Place] = {}

    def _place(self, directory: Directory) -> Place:
        if directory not in self._places:
            self._places[directory] = Place(directory, self._owners, self._rules)
        return self._places[directory]

    def tick(
        self, session_id: str, pid: int, limits: Mapping[str, Any] | None, directory: Directory, now: float
    ) -> Drawn:
        return self._place(directory).tick(session_id, pid, windows_of_limits(limits or {}), now)

    def refresh(self, directory: Directory, now: float, ask: Ask) -> bool:
        self._place(directory).refresh(now, ask if self._may_ask else None)
        return True


class Place:
    """One config directory: its account, since when, and the processes and contents seen there."""

    def __init__(self, directory: Directory, owners: Owners, rules: Rules) -> None:
        self.directory, self.owners, self.rules = directory, owners, rules
        self.account: Key | None = None
        self.named_at: dict[Key | None, float] = {}
        self.formers: list[Key] = []
        self.groups: list[str] = []  # other logins, by a name of ours
        self.processes: OrderedDict[Source, Process] = OrderedDict()
        self.contents: OrderedDict[ContentKey, Content] = OrderedDict()
        self.waiting: list[tuple[Content, Process]] = []
        self.held: tuple[float, Windows] | None = None  # an endpoint answer that does not fit
        self.marks: tuple[int, int] | None = None
        self.switched_at: float | None = None
        self.login_at: float | None = None  # when the login changed without a name so far
        self.retry_at: float | None = None
        self.now = self.refreshed_at = self.asked_at = self.heard_at = float("-inf")
        self.is_confirmed = False  # whether an answer has fitted this account since the switch
        self.must_ask = False

    # -- whose login it is

    def _key(self) -> Key | None:
        named = self.directory.named
        if named is None:
            return None
        return named.key if self.rules.organizations else (named.uuid, None)

    def _notice(self, now: float) -> bool:
        """Look at the two files; say whether another account is named."""
        if now < self.now - AHEAD_S and self.rules.clock:
            self._clock_was_set_back(now)
        self.now = now
        login, state = self.marks or (self.directory.login_writes, -1)
        has_new_login, switched = login != self.directory.login_writes, False
        if has_new_login:
            self.login_at = now
        key = self.account if self.directory.torn else self._key()
        if state != self.directory.state_writes and key != self.account:
            switched = self.account is not None or bool(self.formers)
            self._switch(key, now)
        elif has_new_login and self.switched_at is not None and now - self.switched_at < self.rules.gap_s:
            self.login_at, self.must_ask = None, True  # the name came first
        if self.login_at is not None and now - self.login_at > self.rules.gap_s and self.held is None:
            self.login_at = None
        self.marks = self.directory.login_writes, state if self.directory.torn else self.directory.state_writes
        return switched

    def _switch(self, key: Key | None, now: float) -> None:
        former, self.account = self.account, key
        self.named_at[key] = now
        if former is not None or self.formers:  # after a sign-out no account is the former one
            others = [each for each in (former, *self.formers) if each not in (None, key)]
            self.formers, self.switched_at, self.held = list(dict.fromkeys(others))[:FORMERS], now, None
            self.login_at, self.is_confirmed, self.must_ask = None, False, True
            for process in self.processes.values():
                if process.owner in (former, key):
                    process.owner = None

    def _clock_was_set_back(self, now: float) -> None:
        """Give an unknown age to what was seen later than now; what was noted later than now was noted now."""
        for readings in self.owners.readings.values():
            for reading in readings:
                if reading.made_at > now + AHEAD_S:
                    reading.made_at, reading.seen_at, reading.dated = now, now, False
        for content in self.contents.values():
            if content.seen_at > now + AHEAD_S:
                content.seen_at, content.dated = now, False
        self.heard_at = min(self.heard_at, now)
        self.switched_at, self.login_at = _at_most(self.switched_at, now), _at_most(self.login_at, now)
        self.refreshed_at, self.asked_at = min(self.refreshed_at, now - SOON_S - 1), min(self.asked_at, now - ASK_S - 1)
        self.named_at = {key: min(at, now) for key, at in self.named_at.items()}

    # -- whose an answer is

    def _fits(self, windows: Windows, owner: Owner, now: float) -> tuple[bool | None, str]:
        return self.owners.fits(windows, owner, now, five=self.rules.five_hours)

    def _owner_of(self, windows: Windows, known: Owner, now: float) -> Owner:
        """Return an account or another login, None for an answer that never counts, or `WAIT`."""
        fits, by = self._fits(windows, self.account, now)
        formers = [each for each in self.formers if self.rules.formers and self._fits(windows, each, now)[0]]
        if formers and not fits:
            return formers[0]
        if known == self.account and self.rules.keeps_owner:
            if fits is False and by == FIVE and self.account in self.owners.official and WEEK in windows:
                self.must_ask = True
                return self._group(windows, now)
            return self.account
        is_silent = now - self.heard_at > SILENT_S
        if known in self.groups and not formers:
            if fits:
                return self.account if by == FIVE or not self._has_equal_week(known) else known
            return WAIT if is_silent else known
        return self._owner_of_stranger(windows, fits, is_former=bool(formers), is_silent=is_silent, now=now)

    def _owner_of_stranger(
        self, windows: Windows, fits: bool | None, *, is_former: bool, is_silent: bool, now: float
    ) -> Owner:
        """Return the owner of what a process hands in of which nothing is known."""
        just = self.switched_at is not None and now - self.switched_at < self.rules.wait_s
        if fits:
            return None if is_former and just else self.account
        if fits is False:
            is_sure = self.is_confirmed or self.switched_at is None
            return self._group(windows, now) if is_sure and not is_silent else WAIT
        is_news = bool(self.formers) and self._fits(windows, self.formers[0], now)[0] is False
        return self.account if is_news or not just else None

    def _has_equal_week(self, group: Owner) -> bool:
        one, other = self.owners.resets.get(group, {}), self.owners.resets.get(self.account, {})
        if WEEK in one and WEEK in other and modulo_week(one[WEEK] - other[WEEK]) > SAME_S:
            return False
        return FIVE in one

    def _group(self, windows: Windows, now: float) -> str:
        """Return the other login that an answer fits, a new one if there is none."""
        for group in self.groups:
            if self._fits(windows, group, now)[0]:
                return group
        self.groups.append(f"{self.directory.path} {now} {len(self.groups)}")
        for group in self.groups[:-GROUPS]:
            self.owners.readings.pop(group, None)
            self.owners.resets.pop(group, None)
        del self.groups[:-GROUPS]
        return self.groups[-1]

    def _adopt_groups(self, now: float) -> None:
        """Let other logins be this account's whose resets now turn out to be its own."""
        for group in list(self.groups):
            resets = {id_: Limit(0, at) for id_, at in self.owners.resets.get(group, {}).items()}
            fits, by = self._fits(resets, self.account, now)
            if fits and (by == FIVE or not self._has_equal_week(group)):
                for process in self.processes.values():
                    process.owner = self.account if process.owner == group else process.owner
                for reading in self.owners.readings.pop(group, []):
                    self.owners.add(self.account, reading)
                self.groups.remove(group)

    # -- a tick

    def tick(self, session_id: str, pid: int, windows: Windows, now: float) -> Drawn:
        switched = self._notice(now)
        process, is_new = self._process(pid if self.rules.by_process else session_id, bool(windows))
        self._decide(now)
        content = self._hand_in(windows, process, session_id, is_new=is_new, now=now) if windows else None
        if content and process.owner == self.account and now - self.heard_at > ALIVE_S:
            self.heard_at = now
        is_due = now - self.refreshed_at > SOON_S or (self.retry_at is not None and now >= self.retry_at)
        is_ripe = self.held is not None and now - self.held[0] > self.rules.gap_s
        starts = switched or is_due or self.must_ask or is_ripe or self.login_at == now
        return Drawn({} if switched else self._draw(process, content, now), starts)

    def _process(self, id_: Source, has_limits: bool) -> tuple[Process, bool]:
        if id_ in self.processes:
            return self.processes[id_], False
        made = self.processes[id_] = Process(id_)
        if len(self.processes) > PROCESSES:
            self.processes.popitem(last=False)
            if has_limits:  # it may be one that was dropped before: it pushes out none with news
                self.processes.move_to_end(id_, last=False)
        return made, True

    def _decide(self, now: float) -> None:
        """Decide on answers that wait for a name or for the endpoint."""
        for content, process in list(self.waiting):
            if self.switched_at is not None and self.switched_at > content.seen_at:
                owner = self._owner_of(content.windows, None, now)
                content.owner = None if owner == WAIT else owner
            elif now - content.seen_at >= self.rules.gap_s and self.held is None:
                content.owner = self._owner_after_waiting(content, process, now)
            else:
                continue
            self.waiting.remove((content, process))
            if content.owner is not None:
                self._take(content, process, now)

    def _owner_after_waiting(self, content: Content, process: Process, now: float) -> Owner:
        is_ours = process.owner == self.account or self.heard_at < content.seen_at
        is_ours = is_ours or not self.owners.resets.get(self.account)
        is_ours = is_ours or self._fits(content.windows, self.account, now)[0] is not False
        return self.account if is_ours else self._group(content.windows, now)

    def _hand_in(self, windows: Windows, process: Process, session_id: str, *, is_new: bool, now: float) -> Content:
        """Take in what a process hands in: a known content, or a new answer."""
        rows = frozenset((id_, *limit) for id_, limit in windows.items())
        key = "" if self.rules.by_content else session_id, rows
        content = self._known_content(key, process, now)
        if content is None:
            content = self.contents[key] = Content(now, not is_new or not self.rules.unknown_ages, windows)
            self._forget_contents(content)
            may_be_next = self.login_at is not None and not self._fits(windows, self.account, now)[0]
            owner = WAIT if may_be_next else self._owner_of(windows, process.owner, now)
            if owner == WAIT:
                self.waiting = [*self.waiting, (content, process)][-WAITING:]
            else:
                content.owner = owner
                if owner is not None:
                    self._take(content, process, now)
            if not is_new or self._is_proved(content, process, now):
                self.processes.move_to_end(process.id)
        elif process.owner is None and content.owner is not None and content.owner not in self.formers:
            process.owner = content.owner
        process.content = content
        return content

    def _known_content(self, key: ContentKey, process: Process, now: float) -> Content | None:
        """Return the content that these rows are, or what is left of it: windows leave when they end.

        Of its own last content a process may leave out any window: such clients have been seen.
        """
        if key in self.contents:
            return self.contents[key]
        session_id, rows = key
        for (known_id, known), content in self.contents.items():
            if known_id == session_id and rows < known:
                left = [resets_at for _, _, resets_at in known - rows]
                if content is process.content or all(at is not None and at <= now + RIGHT_AFTER_S for at in left):
                    return content
        return None

    def _forget_contents(self, new: Content) -> None:
        used = {process.content for process in self.processes.values()}
        for key in list(self.contents):
            if len(self.contents) <= CONTENTS:
                break
            if self.contents[key] not in used and self.contents[key] is not new:
                del self.contents[key]

    def _is_proved(self, content: Content, process: Process, now: float) -> bool:
        """Say whether a new process's answer was found to be later than what is known."""
        readings = self.owners.readings.get(content.owner, [])
        return any(each.source == process.id and each.seen_at == now and each.dated for each in readings)

    def _take(self, content: Content, process: Process, now: float) -> None:
        """Let an answer count for its owner."""
        owner = content.owner
        if owner not in self.formers or (
            self.switched_at is not None and content.seen_at - self.switched_at > self.rules.flight_s and content.dated
        ):
            process.owner = owner
        if owner == self.account:
            self.is_confirmed, self.heard_at = True, now
        if content.dated:
            self.owners.note_resets(owner, content.windows)
            self.owners.add(owner, Reading(content.seen_at, content.seen_at, process.id, True, content.windows))
            if owner == self.account:
                self._adopt_groups(now)
        else:
            self._take_undated(content, process, now)
        self.owners.note_peaks(owner, content.windows)

    def _take_undated(self, content: Content, process: Process, now: float) -> None:
        """Take what is new in an answer of unknown age: all of it where one window proves that it is later."""
        unknown, proof = {}, None
        for id_, limit in content.windows.items():
            newest = self._newest(content.owner, id_, now)
            if newest is None:
                unknown[id_] = limit
            elif self._is_later(limit, id_, content.owner, newest, now) and (
                proof is None or newest.made_at < proof.made_at
            ):
                proof = newest
        if proof is not None:
            made_at = proof.made_at + 0.01
            self.owners.add(content.owner, Reading(made_at, now, process.id, proof.dated, content.windows))
        elif unknown:
            self.owners.add(content.owner, Reading(now, now, process.id, False, unknown))
        if self._fits(content.windows, content.owner, now)[0] is None:
            self.owners.note_resets(content.owner, content.windows)

    def _newest(self, owner: Owner, id_: str, now: float) -> Reading | None:
        readings = [each for each in self.owners.readings.get(owner, []) if id_ in each.windows]
        alive = [each for each in readings if each.made_at <= now + AHEAD_S and not each.has_ended(id_, now)]
        return max(alive, key=lambda each: (each.dated, each.made_at), default=None)

    def _is_later(self, limit: Limit, id_: str, owner: Owner, newest: Reading, now: float) -> bool:
        """Say whether a limit of unknown age came after the newest answer: it is higher than ever, or ends later."""
        percent, resets_at = limit
        known = newest.windows[id_]
        if newest.source == ENDPOINT and now - newest.made_at < SOON_S and known.resets_at and self.rules.peaks:
            return False
        if resets_at is None:
            return False
        if known.resets_at is None:
            return resets_at - SPAN_S[id_] > newest.made_at - SAME_S
        if abs(resets_at - known.resets_at) > SAME_S:
            return resets_at > known.resets_at
        peak = self.owners.peaks.get(owner, {}).get(id_)
        if self.rules.peaks and peak is not None and abs(peak[0] - resets_at) <= SAME_S:
            return percent > max(known.percent, peak[1])
        return percent > known.percent

    def _draw(self, process: Process, content: Content | None, now: float) -> dict[str, Shown]:
        rules, since = self.rules, self.switched_at
        if self.login_at is not None and (now - self.login_at < rules.settle_s or self.held is not None):
            return {}
        if content is not None and any(each is content for each, _ in self.waiting):
            return {
                id_: Shown(percent, None, content.dated, resets_at)
                for id_, (percent, resets_at) in content.windows.items()
                if resets_at is None or resets_at > now
            }
        if rules.hush and content is not None and process.owner is None and since is not None:
            is_former = content.owner in self.formers and content.seen_at >= since
            if is_former and now - since < rules.flight_s:
                return {}
        owner = self.account if process.owner is None else process.owner
        return line_of(self.owners.readings.get(owner, []), now, rules)

    # -- the refresher

    def refresh(self, now: float, ask: Ask | None) -> None:
        self._notice(now)
        self.refreshed_at = now
        must_ask, self.must_ask = self.must_ask, False
        if self.account is None:
            return
        if self.directory.copy is not None and not self.directory.torn:
            self._take_copy(self.directory.copy, now)
        if self.held is not None and now - self.held[0] > self.rules.gap_s:
            self._take_official(*self.held)
            self.held = self.login_at = None
        login = self.directory.login
        if ask is not None and login is not None and login.expires_at > now and self._may_ask(now, must_ask=must_ask):
            self.asked_at, self.retry_at = now, None
            self._requests(now).append(now)
            reply = ask(login.token)
            if reply.status == 200 and reply.text.startswith("{"):
                self._take_reply(windows_of_body(json.loads(reply.text)), now)

    def _requests(self, now: float) -> list[float]:
        return self.owners.requests(self.account if self.rules.shared_budget else self, now)

    def _take_copy(self, copy: Copy, now: float) -> None:
        assert self.account is not None
        uuid, organization = self.account
        if copy.stamp not in (None, uuid) or copy.fetched_at > now + AHEAD_S:
            return
        windows = windows_of_body(copy.body)
        fits = self._fits(windows, self.account, now)[0]
        is_after = copy.fetched_at > self.named_at[self.account]
        is_only = self.switched_at is None and (not organization or fits)
        readings = self.owners.readings.get(self.account, [])
        is_news = not any(each.source == ENDPOINT and each.made_at >= copy.fetched_at for each in readings)
        if is_news and (not self.rules.copies or ((is_after or is_only) and fits is not False)):
            self._take_official(copy.fetched_at, windows)

    def _may_ask(self, now: float, *, must_ask: bool) -> bool:
        times = self._requests(now)
        if not self.rules.budget:
            return now - self.asked_at > 5
        pause = now - max(times, default=float("-inf"))
        if must_ask and pause <= SOON_S:
            self.retry_at = now + SOON_S - pause
        is_time = pause > ASK_S or (must_ask and pause > SOON_S)
        is_retry = self.retry_at is not None and now >= self.retry_at
        is_news = any(at is not None and self.asked_at < at for at in (self.switched_at, self.login_at))
        return (is_time or is_retry or is_news) and now - self.asked_at > 5 and len(times) < REQUESTS

    def _take_reply(self, windows: Windows, now: float) -> None:
        fits = self._fits(windows, self.account, now)[0]
        is_young = self.switched_at is not None and now - self.switched_at < self.rules.gap_s
        if is_young and not fits and any(self._fits(windows, each, now)[0] for each in self.formers):
            self.retry_at = now + self.rules.gap_s
        elif fits is False and self.rules.holds:
            self.held, self.retry_at = (now, windows), now + self.rules.gap_s + 5
        else:
            self._take_official(now, windows)
            self.held = self.login_at = None

    def _take_official(self, made_at: float, windows: Windows) -> None:
        self.owners.add(self.account, Reading(made_at, made_at, ENDPOINT, True, windows))
        self.owners.note_resets(self.account, windows)
        self.owners.note_peaks(self.account, windows)
        self.owners.official.add(self.account)
        self.is_confirmed, self.heard_at = True, max(self.heard_at, made_at)
        self._adopt_groups(made_at)


def _at_most(at: float | None, now: float) -> float | None:
    return at if at is None or at <= now + AHEAD_S else now
