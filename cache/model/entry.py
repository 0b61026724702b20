"""One entry of the cache: its value, when it is due again, and the last problem."""

from cache.model.files import read_file, times_of
from cache.model.jsonio import dump_json, mapping, parse_json, whole, words
from cache.model.windows import AHEAD_S

SCHEMA = 1


class Entry:
    """The content of a cache file.

    ``fetched_at`` and ``due_at`` are epoch seconds; ``problem`` names one of `cache.work.failures` or is None;
    ``failures`` counts failed attempts in a row; ``watch`` maps paths to ``[mtime_ns, size]``, a change of
    which makes the entry due at once; ``value`` is the object of the job. Of the usage job alone: ``answer`` is the
    endpoint's last answer, ``held`` one that does not fit the account; see `cache.readings.endpoint_answer`. In its
    file are also the ``parts``: by job the entries that others merge into it; `part_of` reads them.
    """

    __slots__ = ("answer", "due_at", "failures", "fetched_at", "held", "parts", "problem", "readings", "value", "watch")

    def __init__(
        self,
        value: "dict[str, object] | None" = None,
        fetched_at: "int" = 0,
        due_at: "int" = 0,
        problem: "str | None" = None,
        failures: "int" = 0,
        watch: "dict[str, list[int]] | None" = None,
    ) -> None:
        self.value = value
        self.fetched_at = fetched_at
        self.due_at = due_at
        self.problem = problem
        self.failures = failures
        self.watch = watch or {}
        self.answer: "dict[str, object] | None" = None
        self.held: "dict[str, object] | None" = None
        self.parts: "dict[str, object]" = {}
        self.readings: "list[object]" = []  # of an earlier version: read, never written

    def to_text(self) -> "str":
        """Return the entry as the text of its file."""
        return dump_json(self.as_json())

    def as_json(self) -> "dict[str, object]":
        """Return the entry as the object in its file."""
        more: "dict[str, object]" = {} if self.answer is None else {"answer": self.answer}
        if self.held is not None:
            more["held"] = self.held
        if self.parts:
            more["parts"] = self.parts
        return {
            "schema": SCHEMA,
            "fetched_at": self.fetched_at,
            "due_at": self.due_at,
            "problem": self.problem,
            "failures": self.failures,
            "watch": self.watch,
            "value": self.value,
            **more,
        }


NOTHING_YET = Entry()  # for a missing, torn, foreign or too large file, or another schema: ordinary, and due now

WATCHED_AT_MOST, WATCHED_OF_PART = 5, 33  # files that one tick looks at: 3 microseconds each, and a job takes 80,000

LATEST = 10**11  # epoch seconds, in the year 5138; the system has no date for times much further from now

FAR = 2 * 3600  # seconds; no ``due_at`` is further ahead, so a later one was written before the clock was set back


def read_entry(path: "str") -> "Entry":
    """Return the entry in a cache file, `NOTHING_YET` if there is none that is valid."""
    data = read_file(path, ours=True)
    if data is None:
        return NOTHING_YET
    try:
        fields = mapping(parse_json(data.decode()))
    except ValueError:
        return NOTHING_YET
    return entry_from(fields)


def part_of(entry: "Entry", job: "str") -> "Entry":
    """Return the entry that a job has merged into this one, `NOTHING_YET` if there is none that is valid."""
    return entry_from(mapping(entry.parts.get(job)), WATCHED_OF_PART)


def entry_from(fields: "dict[str, object]", watched: "int" = WATCHED_AT_MOST) -> "Entry":
    """Return the entry that an object describes, `NOTHING_YET` if its schema, its types or its times are wrong.

    Of the files that it watches the first ``watched`` count.
    """
    fetched_at, due_at = whole(fields.get("fetched_at")), whole(fields.get("due_at"))
    value = fields.get("value")
    if fields.get("schema") != SCHEMA or fetched_at is None or due_at is None:
        return NOTHING_YET
    if max(abs(fetched_at), abs(due_at)) > LATEST:
        return NOTHING_YET
    if value is not None and not isinstance(value, dict):
        return NOTHING_YET
    failures, watch = whole(fields.get("failures")) or 0, _watch(fields.get("watch"), watched)
    entry = Entry(value, fetched_at, due_at, words(fields.get("problem")), failures, watch)
    readings = fields.get("readings")
    entry.readings = readings if isinstance(readings, list) else []
    entry.answer, entry.held = mapping(fields.get("answer")) or None, mapping(fields.get("held")) or None
    entry.parts = mapping(fields.get("parts"))
    return entry


def _watch(value: "object", at_most: "int") -> "dict[str, list[int]]":
    found: "dict[str, list[int]]" = {}
    for path, times in mapping(value).items():
        if isinstance(times, list) and len(times) == 2 and len(found) < at_most:
            found[path] = [whole(times[0]) or 0, whole(times[1]) or 0]
    return found


def is_due(entry: "Entry", now: "float", for_s: "float" = 0) -> "bool":
    """Return whether ``due_at`` has passed, ``for_s`` seconds ago; also where the clock was set back since.

    Then ``due_at`` can be further ahead than possible, or ``fetched_at`` in the future.
    """
    return not now < entry.due_at + for_s <= now + for_s + FAR or entry.fetched_at > now + AHEAD_S


def has_changed(entry: "Entry") -> "bool":
    """Return whether a watched file has changed."""
    return any(times_of(path) != times for path, times in entry.watch.items())
