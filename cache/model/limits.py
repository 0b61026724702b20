"""Which limit ends work first, and when work can continue."""

from cache.model.jsonio import mapping, number, whole, words
from cache.model.windows import FIVE_HOUR, PLAN_WIDE, SEVEN_DAY, Window, round_down

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SPEND = "spend"
FULL = 100  # percent
MINUTES_LEFT_S = 10 * 60  # a window that resets this soon costs some minutes at most
WARN_FROM = 70  # percent; people can set another
MODEL_WEEK = SEVEN_DAY + ":"
NEVER = 10**12  # epoch seconds: later than any reset


def binding_of(
    windows: "Mapping[str, Window]",
    spend: "Mapping[str, object]",
    model: "str | None",
    now: "float",
    outs: "Mapping[str, int] | None" = None,
) -> "str | None":
    """Return the id of the limit that is used up first, ``spend``, or None where no limit is known.

    Among ``five_hour``, ``seven_day`` and the weekly limit of ``model`` (its display name or id):

    - Of those that are reached, the one that resets last: until then there is no work. But where money beyond the plan
      is left, or has no limit, work continues, and it is ``spend``.
    - Else the one that is projected to be full first: ``outs`` has the times by id, as from `run_out.outs_of`.
    - Else the fullest, by the whole percent that is shown. One that resets within ten minutes comes after those at 70 %
      or more: a week at 94 % matters more than five hours at 95 % that end in three minutes.
    - Of equally full ones the one that resets first: a percent of five hours is used up sooner than one of a week.

    ``spend`` (as in ``usage.json``; its percentage may be missing) is otherwise returned only where there are no
    windows, as for enterprise seats: it is not used until the plan's windows are full.
    """
    known = applying(windows, model, now)
    reached = [each for each in known if is_reached(each)]
    if not known:
        return SPEND if number(spend.get("percent")) is not None else None
    if reached:
        return SPEND if has_money_left(spend) else max(reached, key=ends_at).id
    projected = [(outs[each.id], each.id) for each in known if each.id in outs] if outs else []
    if projected:
        return min(projected)[1]
    lasting = [each for each in known if ends_at(each) - now > MINUTES_LEFT_S and round_down(each.percent) >= WARN_FROM]
    return min(lasting or known, key=_urgency).id


def has_money_left(spend: "Mapping[str, object]") -> "bool":
    """Return whether work continues at 100 %: money beyond the plan has no limit, or its limit is not reached."""
    percent = number(spend.get("percent"))
    return spend.get("uncapped") is True or (percent is not None and percent < FULL)


def only_money_limits(windows: "Mapping[str, Window]", spend: "Mapping[str, object]", plan: "str | None") -> "bool":
    """Return whether the windows are meaningless, so that money is the only limit.

    For enterprise seats windows of 0 % are reported, without a reset or while money is spent. ``alone`` in ``spend``
    means that the refresher saw money being spent while all windows stayed at 0 %, whatever the plan.
    """
    used, percent = number(spend.get("used")), number(spend.get("percent"))
    if (used is None and percent is None) or any(each.percent > 0 for each in windows.values()):
        return False
    if spend.get("alone") is True:
        return True
    started = any(each.resets_at is not None for each in windows.values())
    return "enterprise" in (plan or "").lower() and (bool(used or percent) or not started)


def projections_in(value: "Mapping[str, object]") -> "dict[str, object]":
    """Return the projections in the value of ``usage.json``, by window id.

    Each is ``{"at", "percent", "resets_at", "observed_at"}``: when the window will be full, and the reading that it was
    made from. ``runs_out_at`` and ``runs_out_window`` are the one for other programs; it overrides an older row.
    """
    rows = dict(mapping(value.get("projections")))
    id_, at = words(value.get("runs_out_window")), whole(value.get("runs_out_at"))
    if id_ is not None and at is not None and mapping(rows.get(id_)).get("at") != at:
        rows[id_] = {"at": at}
    return rows


def applying(windows: "Mapping[str, Window]", model: "str | None", now: "float") -> "list[Window]":
    """Return the windows that can end work with this model and have not ended."""
    found = [windows.get(FIVE_HOUR), windows.get(SEVEN_DAY), model_window(windows, model)]
    return [each for each in found if each is not None and ends_at(each) > now]


def is_reached(window: "Window") -> "bool":
    """Return whether the percentage is shown as 100 or more."""
    return round_down(window.percent) >= FULL


def ends_at(window: "Window") -> "int":
    """Return the reset, or `NEVER` for a window that has not started."""
    return NEVER if window.resets_at is None else window.resets_at


def _urgency(window: "Window") -> "tuple[int, int]":
    return -round_down(window.percent), ends_at(window)


def model_window(windows: "Mapping[str, Window]", model: "str | None") -> "Window | None":
    """Return the weekly limit of a model, which is given by its display name or id.

    ``seven_day:fable`` is that of ``Fable 5`` and of ``claude-fable-5``: the words of the limit's name must be
    adjacent in the model's. Of several limits it is the one with the longest name.
    """
    best, most, words_in_model = None, 0, ""
    for id_, window in windows.items():
        name = _words_of(id_[len(MODEL_WEEK) :]) if id_.startswith(MODEL_WEEK) else ""
        words_in_model = words_in_model or (f" {_words_of(model or '')} " if name else "")
        if name and f" {name} " in words_in_model and len(name) > most:
            best, most = window, len(name)
    return best


def _words_of(name: "str") -> "str":
    """Return the words of a name in lower case, separated by one blank, without ``claude``."""
    said = "".join([char if char.isalnum() else " " for char in name.lower()]).split()
    return " ".join([word for word in said if word != "claude"])


def resumes_at(windows: "Mapping[str, Window]", binding: "str | None") -> "int | None":
    """Return when work can continue, epoch seconds: the last reset of the reached limits; None if none is reached.

    The two plan-wide windows count, and that of the model if it is the ``binding`` one.
    """
    ids = {*PLAN_WIDE, binding}
    resets = [each.resets_at for id_, each in windows.items() if id_ in ids and is_reached(each)]
    return max((at for at in resets if at is not None), default=None)
