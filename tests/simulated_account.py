"""An account as it truly is at a moment of virtual time, and in the words of stdin and of the endpoint."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

HOUR = 3600
Rows = tuple[tuple[str, float, float | None], ...]


@dataclass
class Account:
    """``five_reset`` and ``week_reset`` are epoch seconds; a five-hour window starts with the first use after one."""

    name: str
    uuid: str
    plan: tuple[str, str]
    week_reset: float
    rng: random.Random
    five: float = 0.0
    week: float = 0.0
    model_week: float = 0.0
    five_reset: float | None = None
    tokens: list[str] = field(default_factory=list)
    rolled: int = 0
    corrected: int = 0

    def new_token(self) -> str:
        self.tokens.append(f"sk-ant-oat01-CANARY-{self.name}-{len(self.tokens)}")
        return self.tokens[-1]

    def roll(self, now: float) -> None:
        if self.five_reset is not None and self.five_reset <= now:
            self.five, self.five_reset, self.rolled = 0.0, None, self.rolled + 1
        while self.week_reset <= now:
            self.week, self.model_week, self.rolled = 0.0, 0.0, self.rolled + 1
            self.week_reset += 7 * 24 * HOUR

    def use(self, now: float, points: float) -> None:
        """Use up so many points of the five hours, and a sixth of that of the week."""
        self.roll(now)
        if self.five_reset is None:
            self.five_reset = now + 5 * HOUR
        self.five, self.week = self.five + points, self.week + points / 6
        self.model_week += points / 10

    def correct(self, now: float) -> None:
        """Take something back in the middle of a window, as it happens."""
        self.roll(now)
        self.five, self.week, self.corrected = self.five * 0.8, self.week * 0.9, self.corrected + 1

    def limits(self, now: float) -> dict[str, Any]:
        """Return ``rate_limits`` as an answer brings them: one decimal, at most 100, resets that jitter."""
        self.roll(now)
        found: dict[str, Any] = {"seven_day": self._limit(self.week, self.week_reset)}
        if self.five_reset is not None:
            found["five_hour"] = self._limit(self.five, self.five_reset)
        return found

    def _limit(self, percent: float, reset: float) -> dict[str, Any]:
        return {"used_percentage": min(round(percent, 1), 100), "resets_at": int(reset) + self.rng.randint(-1, 1)}

    def answer(self, now: float) -> tuple[dict[str, Any], Rows]:
        """Return the endpoint's body, and the windows in it as id, percent, reset."""
        self.roll(now)
        five, week, model = round(self.five, 1), round(self.week, 1), int(self.model_week)
        reset, week_reset = self.five_reset, self.week_reset + self.rng.random()
        rows: Rows = (
            ("five_hour", five, reset),
            ("seven_day", week, week_reset),
            ("seven_day:fable", model, week_reset),
        )
        scope = {"model": {"id": None, "display_name": "Fable"}, "surface": None}
        body = {
            "five_hour": {"utilization": five, "resets_at": _text(reset)},
            "seven_day": {"utilization": week, "resets_at": _text(week_reset)},
            "seven_day_opus": None,
            "limits": [
                {"kind": "session", "percent": int(five), "resets_at": _text(reset), "scope": None},
                {"kind": "weekly_all", "percent": int(week), "resets_at": _text(week_reset), "scope": None},
                {"kind": "weekly_scoped", "percent": model, "resets_at": _text(week_reset), "scope": scope},
            ],
            "spend": {"used": {"amount_minor": int(self.week), "currency": "EUR", "exponent": 2}, "enabled": True},
        }
        return body, rows

    def login(self, token: str, expires_at: float) -> str:
        """Return the text of the credentials file."""
        kind, tier = self.plan
        login = {
            "accessToken": token,
            "refreshToken": f"sk-ant-ort01-CANARY-{self.name}",
            "expiresAt": int(expires_at * 1000),
            "scopes": ["user:inference", "user:profile"],
            "subscriptionType": kind,
            "rateLimitTier": tier,
        }
        return json.dumps({"claudeAiOauth": login})


def _text(epoch_s: float | None) -> str | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, timezone.utc).isoformat()
