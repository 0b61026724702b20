"""What the usage answer says about money: amounts in minor units become one spend in major ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from cache.sources.parts import NULL, flag, part, percent, raw_of

if TYPE_CHECKING:
    from cache.sources.parts import Parts

Minor = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Digits = Annotated[int, msgspec.Meta(ge=0, le=4)]
Currency = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]

# ISO 4217 digits behind the point where they are not two, for amounts that do not say.
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


class _Spend(msgspec.Struct):
    used: msgspec.Raw = NULL
    limit: msgspec.Raw = NULL
    percent: msgspec.Raw = NULL
    enabled: msgspec.Raw = NULL


class _Amount(msgspec.Struct):
    amount_minor: msgspec.Raw = NULL
    currency: msgspec.Raw = NULL
    exponent: msgspec.Raw = NULL


class _ExtraUsage(msgspec.Struct):
    """The older form of the same."""

    is_enabled: msgspec.Raw = NULL
    used_credits: msgspec.Raw = NULL
    monthly_limit: msgspec.Raw = NULL
    utilization: msgspec.Raw = NULL
    currency: msgspec.Raw = NULL
    decimal_places: msgspec.Raw = NULL


def spend_in(parts: Parts, scale: float) -> dict[str, object] | None:
    """Return ``{"used", "limit", "currency", "percent"}`` or None where no money is spent or nothing is readable.

    Amounts in major units; ``limit`` and ``percent`` (0-100, can exceed it) may be None. ``spend`` is preferred:
    if it is readable, also as disabled, ``extra_usage`` is not asked.
    """
    spend = part(raw_of(parts, "spend"), _Spend)
    if spend is not None and flag(spend.enabled) is False:
        return None
    extra = part(raw_of(parts, "extra_usage"), _ExtraUsage)
    return _from_spend(spend or _Spend(), scale) or _from_extra_usage(extra, scale)


def told_percent(parts: Parts) -> msgspec.Raw:
    """Return the percentage that ``spend`` tells, in whatever scale the answer has, null where it tells none."""
    spend = part(raw_of(parts, "spend"), _Spend)
    return NULL if spend is None else spend.percent


def _from_spend(spend: _Spend, scale: float) -> dict[str, object] | None:
    used, limit = _money(spend.used), _money(spend.limit)
    if used is None:
        return None
    # A limit in another currency limits nothing that we could compare.
    top = limit[0] if limit is not None and limit[1] == used[1] else None
    return _spend(used[0], top, used[1], percent(spend.percent, scale))


def _money(raw: msgspec.Raw) -> tuple[float, str] | None:
    amount = part(raw, _Amount)
    currency = _currency(amount.currency) if amount is not None else None
    if amount is None or currency is None:
        return None
    major = _major(amount.amount_minor, amount.exponent, currency)
    return None if major is None else (major, currency)


def _from_extra_usage(extra: _ExtraUsage | None, scale: float) -> dict[str, object] | None:
    if extra is None or flag(extra.is_enabled) is False:
        return None
    currency = _currency(extra.currency)
    used = _major(extra.used_credits, extra.decimal_places, currency) if currency is not None else None
    if used is None or currency is None:
        return None
    limit = _major(extra.monthly_limit, extra.decimal_places, currency)
    return _spend(used, limit, currency, percent(extra.utilization, scale))


def _currency(raw: msgspec.Raw) -> str | None:
    return part(raw, Currency)


def _major(minor: msgspec.Raw, digits: msgspec.Raw, currency: str) -> float | None:
    amount = part(minor, Minor)
    exponent = part(digits, Digits)
    if amount is None:
        return None
    return amount / float(10 ** (_digits(currency) if exponent is None else exponent))


def _digits(currency: str) -> int:
    if currency in _NO_DIGITS:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def _spend(used: float, limit: float | None, currency: str, told: float | None) -> dict[str, object]:
    return {"used": used, "limit": limit, "currency": currency, "percent": _share(used, limit, told)}


def _share(used: float, limit: float | None, told: float | None) -> float | None:
    """Return the percentage told, but 100 or more if and only if the amounts say that the limit is reached.

    Nothing of nothing is reached: there is nothing left to spend.
    """
    if limit is None:
        return told
    if told is not None and (told >= 100) == (used >= limit):
        return told
    share = round(used / limit * 100, 4) if limit else 100.0
    return min(max(share, 100.0), 1000.0) if used >= limit else min(share, 99.9999)
