"""The named failures: the label on the line, how long to wait before the next attempt, and what the user can do.

Each one means that there are no authoritative numbers; none is an error on the line. An entry keeps the ``name``.
"""

from __future__ import annotations

from typing import ClassVar

ALLOW_SECURITY = (
    "Allow `security` to read `Claude Code-credentials` in Keychain Access, then run `statusline refresh --force`."
)
FIVE_MINUTES, HALF_AN_HOUR, AN_HOUR = 300, 1800, 3600


class Failure(Exception):
    """What a refresh can end with instead of numbers."""

    name: ClassVar[str] = "failed"
    label: ClassVar[str] = "offline"  # at most two words
    next_step: ClassVar[str] = "Run `statusline refresh` to see what happens."
    asked: ClassVar[bool] = True  # whether a request to the endpoint ended with it

    def wait_s(self, failures: int) -> int:
        """Return the seconds until the next attempt, after this many failures in a row (1 = this one)."""
        return int(min(FIVE_MINUTES * 2 ** min(max(failures - 1, 0), 10), HALF_AN_HOUR))


class Settled(Failure):
    """A state that lasts until a file or a setting changes; it is checked again every few minutes all the same."""

    asked = False

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - settled states do not back off
        """Return five minutes: a change of the watched file ends the wait sooner, and other sources need refreshing."""
        return FIVE_MINUTES


class SignedOut(Settled):
    """There is no login."""

    name = "signed_out"
    label = "signed out"
    next_step = "Run `claude` and sign in with /login; without a login the line shows what Claude Code reports."


class Expired(Settled):
    """The login's token has expired; Claude Code renews it, we never do."""

    name = "expired"
    label = "login expired"
    next_step = "Run `claude`: it renews the login by itself."


class NoScope(Settled):
    """The login may not read usage (tokens of ``claude setup-token`` and CLAUDE_CODE_OAUTH_TOKEN)."""

    name = "no_scope"
    label = "no usage scope"
    next_step = "Sign in with /login in `claude`: this token lacks the `user:profile` scope."


class KeychainRefused(Settled):
    """The macOS Keychain refused access to the login."""

    name = "keychain_refused"
    label = "keychain refused"
    next_step = ALLOW_SECURITY


class KeychainLocked(Settled):
    """The macOS Keychain is locked, or may not ask for its password here (a session over ssh)."""

    name = "keychain_locked"
    label = "keychain locked"
    next_step = "Run `security unlock-keychain`, then `statusline refresh --force`."


class KeychainSilent(Settled):
    """The macOS Keychain did not answer in time: it is probably showing a prompt."""

    name = "keychain_silent"
    label = "keychain silent"
    next_step = ALLOW_SECURITY


class Refused(Failure):
    """The endpoint answered 401 or 403."""

    name = "refused"
    label = "login refused"
    next_step = "Run `claude` and, if it asks, sign in again with /login."

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - more attempts would be refused too
        """Return half an hour; a changed login ends the wait sooner."""
        return HALF_AN_HOUR


class RateLimited(Failure):
    """The endpoint answered 429; ``retry_after_s`` is its Retry-After in seconds, if any."""

    name = "rate_limited"
    label = "rate limited"
    next_step = "Nothing to do: hudline tries again once the rate limit allows it."

    def __init__(self, message: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - other clients had the best results with a fixed wait
        """Return five minutes, or the server's Retry-After if that is longer, at most an hour."""
        return min(max(FIVE_MINUTES, self.retry_after_s or 0), AN_HOUR)


class Unreachable(Failure):
    """There was no answer: no network, no DNS, no route, a broken proxy, or a timeout."""

    name = "unreachable"
    label = "offline"
    next_step = "Check the network and the proxy. The last known numbers stay on the line."


class ServerTrouble(Failure):
    """The endpoint answered with another status: 5xx, a redirect, anything unexpected."""

    name = "server_trouble"
    label = "server error"
    next_step = "Nothing to do: hudline retries, waiting longer each time."


class Unreadable(Failure):
    """The answer cannot be understood: too large, encoded, HTML, or of another shape."""

    name = "unreadable"
    label = "odd response"
    next_step = "If this persists, update hudline: the endpoint may have changed."


class Damaged(Unreadable):
    """A file of ours was not what we had written; it is set aside and started over."""

    name = "damaged"
    label = "file damaged"
    next_step = "Nothing to do: the file was rebuilt from what could be read."
    asked = False

    def wait_s(self, failures: int) -> int:
        """Return 0 for the first time, as there is a new file now; back off where that is damaged too."""
        return super().wait_s(failures) if failures > 1 else 0


class NoVersion(Settled):
    """Claude Code's version is unknown, so no request can be made in its name.

    ``program`` is the path of one that was found but gave no version.
    """

    name = "no_version"
    label = "no version"
    next_step = "Put `claude` on PATH."

    def __init__(self, text: str = "", program: str | None = None) -> None:
        super().__init__(text)
        self.program = program


class Unsettled(Failure):
    """A sign-in is under way: an answer could be stored under the wrong account."""

    name = "unsettled"
    label = "signing in"
    next_step = "Nothing to do: hudline tries again in a few seconds."
    asked = False

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - a sign-in takes seconds
        """Return ten seconds."""
        return 10


class Overasked(Failure):
    """The hourly number of requests is used up."""

    name = "overasked"
    label = "hourly limit"
    next_step = "Wait a few minutes: hudline makes at most 12 requests an hour."
    asked = False


class BadBase(Settled):
    """STATUSLINE_API_BASE is not a loopback address, or the token is not a test token."""

    name = "bad_base"
    label = "bad base"
    next_step = "Unset STATUSLINE_API_BASE: it is only for tests, on loopback and with a fake token."


class Off(Settled):
    """``"oauth": "off"`` or STATUSLINE_OAUTH=off turns requests off."""

    name = "off"
    label = "oauth off"
    next_step = 'Set "oauth" to "auto" in the configuration to use the usage endpoint.'


class NoPlan(Settled):
    """There are no plan limits with an API key, a cloud provider or a gateway."""

    name = "no_plan"
    label = "no plan"
    next_step = "Nothing to do: the line shows the cost instead."


class ApiKey(NoPlan):
    """ANTHROPIC_API_KEY is set, or an apiKeyHelper in Claude Code's settings."""

    name = "api_key"
    label = "API key"


class CloudProvider(NoPlan):
    """Bedrock, Vertex, Foundry or another provider is configured."""

    name = "cloud_provider"
    label = "cloud provider"


class Gateway(NoPlan):
    """ANTHROPIC_BASE_URL names another host than api.anthropic.com."""

    name = "gateway"
    label = "gateway"


class Unwritable(Failure):
    """The cache directory cannot be used."""

    name = "unwritable"
    label = "no cache"
    next_step = "Make the cache directory writable, or set STATUSLINE_CACHE_DIR to another one."
    asked = False


class Busy(Failure):
    """Another refresh of the same job holds its lock."""

    name = "busy"
    label = "busy"
    next_step = "Wait a few seconds and try again."
    asked = False


class Broken(Failure):
    """A job ended with an unexpected exception: a bug."""

    name = "broken"
    label = "hudline error"
    next_step = "If this persists, update hudline, or report it with this message."
    asked = False


class Overdue(Failure):
    """The job did not end within its time limit."""

    name = "overdue"
    label = "too slow"


class NoGit(Settled):
    """There is no git on PATH."""

    name = "no_git"
    label = "no git"
    next_step = "Install git, or put it on PATH."


class GitRefused(Settled):
    """Git failed in a checkout: it is broken, another user's, or of a format that this git does not know."""

    name = "git_refused"
    label = "git refused"
    next_step = "Run `git status` there to see why."


class CommandFailed(Failure):
    """A configured command could not be run, or ended with an error."""

    name = "command_failed"
    label = "command failed"
    next_step = "Run it in the session's directory, with a payload on its standard input."


class NoTranscript(Settled):
    """The session's transcript is missing or cannot be read."""

    name = "no_transcript"
    label = "no transcript"
    next_step = "Nothing to do: hudline reads it once the session has written to it."


class NoSessions(Settled):
    """Claude Code's folder of running sessions cannot be read."""

    name = "no_sessions"
    label = "no sessions"
    next_step = "Run `statusline sessions` to see why."


def _all(kind: type[Failure]) -> dict[str, type[Failure]]:
    found = {kind.name: kind}
    for each in kind.__subclasses__():
        found |= _all(each)
    return found


BY_NAME = _all(Failure)
