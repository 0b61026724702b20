"""Parses the money in the usage answer: amounts in minor units become one spend in major units."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from cache.sources.endpoint.decode import NULL, flag, is_null, name, number, part, percent, raw_of

if TYPE_CHECKING:
    from cache.sources.endpoint.decode import Parts

MINOR_AT_MOST = 1e12
DIGITS_AT_MOST = 4  # after the decimal point
FULL = 100  # percent
_CURRENCY = re.compile("[A-Z]{3}")

# Currencies without two decimal digits (ISO 4217), for amounts without an exponent.
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


class _Spend(msgspec.Struct):
    used: msgspec.Raw = NULL
    limit: msgspec.Raw = NULL
    percent: msgspec.Raw = NULL
    enabled: msgspec.Raw = NULL
    disabled_reason: msgspec.Raw = NULL


class _Amount(msgspec.Struct):
    amount_minor: msgspec.Raw = NULL
    currency: msgspec.Raw = NULL
    exponent: msgspec.Raw = NULL


class _ExtraUsage(msgspec.Struct):
    """The older form of `_Spend`."""

    is_enabled: msgspec.Raw = NULL
    used_credits: msgspec.Raw = NULL
    monthly_limit: msgspec.Raw = NULL
    utilization: msgspec.Raw = NULL
    currency: msgspec.Raw = NULL
    decimal_places: msgspec.Raw = NULL
    disabled_reason: msgspec.Raw = NULL


@dataclass(frozen=True)
class _Money:
    """The content of one form; ``has_limit`` is also true for a limit that is unreadable or in another currency."""

    used: float | None = None
    limit: float | None = None
    currency: str | None = None
    percent: float | None = None
    has_limit: bool = False
    is_on: bool | None = None
    is_stopped: bool = False  # a reason is given why it is off


def spend_in(parts: Parts, scale: float, seen_at: int) -> dict[str, object] | None:
    """Return ``{"used", "limit", "currency", "percent", "observed_at"}``, None where no money can be spent.

    Amounts in major units, ``percent`` 0-1000; all but ``observed_at`` (``seen_at``, epoch seconds) may be None.
    ``"uncapped": True`` is added where money is spent without a limit: at 100 % of a window work goes on.
    """
    money = _money_in(parts, scale)
    if money is None:
        return None
    is_uncapped = money.is_on is True and not money.has_limit and not money.percent
    share = None if is_uncapped else _share(money.used, money.limit, money.percent)
    # Money that is turned off does not count, unless it is off because it is used up: then it is the limit.
    is_spendable = not money.is_stopped or (share is not None and share >= FULL)
    if not is_spendable or (money.used is None and share is None and not is_uncapped):
        return None
    found = {"used": money.used, "limit": money.limit, "currency": money.currency, "percent": share}
    return {**found, "observed_at": seen_at, **({"uncapped": True} if is_uncapped else {})}


def spend_percent(parts: Parts) -> msgspec.Raw:
    """Return the raw percentage in ``spend``, in the scale of the answer; null where there is none."""
    spend = part(raw_of(parts, "spend"), _Spend)
    return NULL if spend is None else spend.percent


def _money_in(parts: Parts, scale: float) -> _Money | None:
    """Return the money of both forms, None where it is turned off; ``spend`` is preferred."""
    spend, extra = part(raw_of(parts, "spend"), _Spend), part(raw_of(parts, "extra_usage"), _ExtraUsage)
    newer = None if spend is None else _from_spend(spend, scale)
    older = None if extra is None else _from_extra_usage(extra, scale)
    if older is not None and older.is_on is False:
        older = None
    if newer is None or older is None or newer.is_on is False:
        newer = newer or older
        return None if newer is None or newer.is_on is False else newer
    return _merge(newer, older)


def _merge(newer: _Money, older: _Money) -> _Money:
    """Merge both forms: amounts of the newer one, completed by the older one."""
    is_on = older.is_on if newer.is_on is None else newer.is_on
    is_stopped, has_limit = newer.is_stopped or older.is_stopped, newer.has_limit or older.has_limit
    both = replace(newer, is_on=is_on, is_stopped=is_stopped, has_limit=has_limit)
    if newer.used is None and newer.percent is None:
        return replace(older, is_on=is_on, is_stopped=is_stopped, has_limit=has_limit)
    if newer.has_limit or newer.percent or _differ(newer.currency, older.currency):
        return both
    return replace(both, limit=older.limit, percent=older.percent)


def _from_spend(spend: _Spend, scale: float) -> _Money:
    used, limit = _amount(spend.used), _amount(spend.limit)
    # A limit in another currency cannot be compared.
    top = None if limit is None or (used is not None and _differ(used[1], limit[1])) else limit[0]
    return _Money(
        used=None if used is None else used[0],
        limit=top,
        currency=next((each[1] for each in (used, limit) if each is not None), None),
        percent=percent(spend.percent, scale),
        has_limit=not is_null(spend.limit),
        is_on=flag(spend.enabled),
        is_stopped=_is_given(spend.disabled_reason),
    )


def _from_extra_usage(extra: _ExtraUsage, scale: float) -> _Money:
    currency = _currency(extra.currency)
    return _Money(
        used=_major(extra.used_credits, extra.decimal_places, currency),
        limit=_major(extra.monthly_limit, extra.decimal_places, currency),
        currency=currency,
        percent=percent(extra.utilization, scale),
        has_limit=not is_null(extra.monthly_limit),
        is_on=flag(extra.is_enabled),
        is_stopped=_is_given(extra.disabled_reason),
    )


def _differ(one: str | None, other: str | None) -> bool:
    """Return whether two currencies are known to differ; an unknown one may be any."""
    return one is not None and other is not None and one != other


def _is_given(reason: msgspec.Raw) -> bool:
    return bool(part(reason, object))


def _amount(raw: msgspec.Raw) -> tuple[float, str | None] | None:
    """Return an amount in major units and its currency (None if unknown); None where there is no amount."""
    amount = part(raw, _Amount)
    if amount is None:
        return None
    currency = _currency(amount.currency)
    major = _major(amount.amount_minor, amount.exponent, currency)
    return None if major is None else (major, currency)


def _currency(raw: msgspec.Raw) -> str | None:
    """Return an ISO 4217 code, None for anything else: the amount is then shown without a symbol."""
    code = (name(raw) or "").upper()
    return code if _CURRENCY.fullmatch(code) else None


def _major(minor: msgspec.Raw, digits: msgspec.Raw, currency: str | None) -> float | None:
    amount, exponent = number(minor), number(digits)
    if amount is None or not 0 <= amount <= MINOR_AT_MOST:
        return None
    has_exponent = exponent is not None and exponent in range(DIGITS_AT_MOST + 1)
    return amount / float(10 ** int(exponent or 0)) if has_exponent else amount / float(10 ** _digits(currency))


def _digits(currency: str | None) -> int:
    if currency is None:
        return 2
    return 0 if currency in _NO_DIGITS else 3 if currency in _THREE_DIGITS else 2


def _share(used: float | None, limit: float | None, reported: float | None) -> float | None:
    """Return the reported percentage, corrected so that it is 100 or more exactly if the amounts reach the limit.

    A limit of 0 is reached: there is nothing left to spend.
    """
    if limit is None or used is None:
        return reported
    if reported is not None and (reported >= FULL) == (used >= limit):
        return reported
    share = round(used / limit * 100, 4) if limit else 100.0
    return min(max(share, 100.0), 1000.0) if used >= limit else min(share, 99.9999)
