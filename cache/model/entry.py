"""One entry of the cache: its value, when it is due again, and the last problem."""

from cache.model.files import read_file, times_of
from cache.model.jsonio import dump_json, mapping, parse_json, whole, words

SCHEMA = 1


class Entry:
    """The content of a cache file.

    ``fetched_at`` and ``due_at`` are epoch seconds; ``problem`` names one of `cache.work.failures` or is None;
    ``failures`` counts failed attempts in a row; ``watch`` maps at most two paths to ``[mtime_ns, size]``, a change of
    which makes the entry due at once; ``value`` is the object of the job. Of the usage job alone: ``answer`` is the
    endpoint's last answer, ``held`` one that does not fit the account; see `cache.readings.endpoint_answer`.
    """

    __slots__ = ("answer", "due_at", "failures", "fetched_at", "held", "problem", "readings", "value", "watch")

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
        self.readings: "list[object]" = []  # of an earlier version: read, never written

    def to_text(self) -> "str":
        """Return the entry as the text of its file."""
        more: "dict[str, object]" = {} if self.answer is None else {"answer": self.answer}
        if self.held is not None:
            more["held"] = self.held
        return dump_json(
            {
                "schema": SCHEMA,
                "fetched_at": self.fetched_at,
                "due_at": self.due_at,
                "problem": self.problem,
                "failures": self.failures,
                "watch": self.watch,
                "value": self.value,
                **more,
            }
        )


NOTHING_YET = Entry()  # for a missing, torn, foreign or too large file, or another schema: ordinary, and due now

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


def entry_from(fields: "dict[str, object]") -> "Entry":
    """Return the entry that an object describes, `NOTHING_YET` if its schema or its types are wrong."""
    fetched_at, due_at = whole(fields.get("fetched_at")), whole(fields.get("due_at"))
    value = fields.get("value")
    if fields.get("schema") != SCHEMA or fetched_at is None or due_at is None:
        return NOTHING_YET
    if value is not None and not isinstance(value, dict):
        return NOTHING_YET
    failures = whole(fields.get("failures")) or 0
    entry = Entry(value, fetched_at, due_at, words(fields.get("problem")), failures, _watch(fields.get("watch")))
    readings = fields.get("readings")
    entry.readings = readings if isinstance(readings, list) else []
    entry.answer, entry.held = mapping(fields.get("answer")) or None, mapping(fields.get("held")) or None
    return entry


def _watch(value: "object") -> "dict[str, list[int]]":
    found: "dict[str, list[int]]" = {}
    for path, times in mapping(value).items():
        if isinstance(times, list) and len(times) == 2 and len(found) < 2:
            found[path] = [whole(times[0]) or 0, whole(times[1]) or 0]
    return found


def is_due(entry: "Entry", now: "float") -> "bool":
    """Return whether ``due_at`` has passed, or is further ahead than possible."""
    return not now < entry.due_at <= now + FAR


def has_changed(entry: "Entry") -> "bool":
    """Return whether a watched file has changed."""
    return any(times_of(path) != times for path, times in entry.watch.items())
