"""Which limit ends work first, and when work goes on."""

from cache.window import Window
from cache.wire import mapping, number

SPEND = "spend"
FULL = 100  # percent
MINUTES_LEFT_S = 10 * 60  # a window that resets this soon costs minutes at worst
MODEL_WEEK = "seven_day:"
NEVER = 10**12  # epoch seconds: later than any reset


def binding_of(
    windows: "dict[str, Window]", spend: "dict[str, object]", model: "str | None", now: "float"
) -> "str | None":
    """Return the id of the limit that binds first, ``spend``, or None where no limit is known.

    Among ``five_hour``, ``seven_day`` and the weekly limit of ``model`` (its display name or id):

    - Of those that are reached, the one that resets last: until then there is no work. But where money is spent beyond
      the plan and its own limit is not reached, work goes on, and ``spend`` ends it.
    - Else the fullest, by the whole percent that is shown. One that resets within ten minutes steps back behind the
      others: a week at 94 % matters more than five hours at 95 % that end in three minutes.
    - Of equally full ones the one that resets first: a point of five hours goes sooner than a point of a week.

    ``spend`` (as in ``usage.json``; its percentage may be missing) binds otherwise only where there are no windows, as
    for enterprise seats: until the plan's windows are full nothing is taken from it, however full it is.
    """
    known = applying(windows, model, now)
    spent = number(mapping(spend).get("percent"))
    reached = [each for each in known if is_reached(each)]
    if spent is not None and (not known or (reached and spent < FULL)):
        return SPEND
    if reached:
        return max(reached, key=ends_at).id
    lasting = [each for each in known if ends_at(each) - now > MINUTES_LEFT_S] or known
    return min(lasting, key=_urgency).id if lasting else None


def applying(windows: "dict[str, Window]", model: "str | None", now: "float") -> "list[Window]":
    """Return the windows that can end work with this model, without those that have ended."""
    found = [windows.get("five_hour"), windows.get("seven_day"), model_window(windows, model)]
    return [each for each in found if each is not None and ends_at(each) > now]


def is_reached(window: "Window") -> "bool":
    """Say whether the percentage is shown as 100 or more."""
    return _shown(window) >= FULL


def ends_at(window: "Window") -> "int":
    """Return the reset, or a time that never comes for a window that has not started."""
    return NEVER if window.resets_at is None else window.resets_at


def _shown(window: "Window") -> "int":
    return int(window.percent + 1e-6)


def _urgency(window: "Window") -> "tuple[int, int]":
    return -_shown(window), ends_at(window)


def model_window(windows: "dict[str, Window]", model: "str | None") -> "Window | None":
    """Return the weekly limit of a model, which is given by its display name or id.

    ``seven_day:fable`` is that of ``Fable 5`` and of ``claude-fable-5``: the words of the limit's name must stand
    together in the model's. Of several limits the one with the longest name is meant.
    """
    spoken = f" {_spoken(model or '')} "
    best, most = None, 0
    for id_, window in windows.items():
        name = _spoken(id_[len(MODEL_WEEK) :]) if id_.startswith(MODEL_WEEK) else ""
        if name and f" {name} " in spoken and len(name) > most:
            best, most = window, len(name)
    return best


def _spoken(name: "str") -> "str":
    """Return the words of a name: lower case, one blank between them, without the maker's."""
    words = "".join(char if char.isalnum() else " " for char in name.lower()).split()
    return " ".join(word for word in words if word != "claude")


def resumes_at(windows: "dict[str, Window]", binding: "str | None") -> "int | None":
    """Return when work can go on, epoch seconds: the last reset of the reached limits; None while none is reached.

    The two plan-wide windows count, and that of the model if it is the ``binding`` one.
    """
    ids = {"five_hour", "seven_day", binding}
    resets = [each.resets_at for id_, each in windows.items() if id_ in ids and is_reached(each)]
    return max((at for at in resets if at is not None), default=None)
