"""The named failures: what the line may say, how long to wait, and what a person can do next.

Each one means "no authoritative numbers", never an error on the line. A failure's ``name`` is what an entry keeps.
"""

from __future__ import annotations

from typing import ClassVar

FIVE_MINUTES, HALF_AN_HOUR, AN_HOUR = 300, 1800, 3600


class Failure(Exception):
    """Something that a refresh can end with instead of numbers."""

    name: ClassVar[str] = "failed"
    label: ClassVar[str] = "offline"  # at most two words
    next_step: ClassVar[str] = "Run `statusline refresh` to see what happens."
    asked: ClassVar[bool] = True  # whether an attempt at the endpoint ended with it

    def wait_s(self, failures: int) -> int:
        """Return how long not to try again, in seconds, after this many failures in a row (1 = this one)."""
        return int(min(FIVE_MINUTES * 2 ** min(max(failures - 1, 0), 10), HALF_AN_HOUR))


class Settled(Failure):
    """A state that only a changed file or setting ends; looked at again now and then all the same."""

    asked = False

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - settled states do not back off
        """Return five minutes: the watched file ends the wait sooner, and the sources without a login go on."""
        return FIVE_MINUTES


class SignedOut(Settled):
    """No login was found."""

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
    """The macOS Keychain did not hand the login out: somebody or something said no."""

    name = "keychain_refused"
    label = "keychain refused"
    next_step = (
        "Allow `security` to read `Claude Code-credentials` in Keychain Access; it is asked again after 6 hours."
    )


class KeychainLocked(Settled):
    """The macOS Keychain is locked, or may not ask for its password here (a session over ssh)."""

    name = "keychain_locked"
    label = "keychain locked"
    next_step = "Run `security unlock-keychain`; it is asked again after 6 hours."


class KeychainSilent(Settled):
    """The macOS Keychain did not answer in time: it is probably showing a prompt that nobody saw."""

    name = "keychain_silent"
    label = "keychain silent"
    next_step = (
        "Allow `security` to read `Claude Code-credentials` in Keychain Access; it is asked again after 6 hours."
    )


class Refused(Failure):
    """The endpoint answered 401 or 403."""

    name = "refused"
    label = "login refused"
    next_step = "Run `claude` and, if it asks, sign in again with /login."

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - asking a refusing server more often helps nobody
        """Return half an hour: a changed login ends the wait sooner."""
        return HALF_AN_HOUR


class RateLimited(Failure):
    """The endpoint answered 429; ``retry_after_s`` is what it asked for, in seconds, if anything."""

    name = "rate_limited"
    label = "rate limited"
    next_step = "Nothing to do: the next attempt is made when the limiter allows it."

    def __init__(self, message: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - a flat wait held up best for others
        """Return five minutes, or what the server asked for where that is longer, at most an hour."""
        return min(max(FIVE_MINUTES, self.retry_after_s or 0), AN_HOUR)


class Unreachable(Failure):
    """No answer: no network, no name, no route, a broken proxy, or time ran out."""

    name = "unreachable"
    label = "offline"
    next_step = "Check the network and HTTPS_PROXY; the last known numbers stay."


class ServerTrouble(Failure):
    """The endpoint answered with an error of its own (5xx, a redirect, anything unexpected)."""

    name = "server_trouble"
    label = "server trouble"
    next_step = "Nothing to do: it is tried again with growing pauses."


class Unreadable(Failure):
    """There was an answer, but not one that we understand: too large, encoded, HTML, another shape."""

    name = "unreadable"
    label = "odd answer"
    next_step = "If this stays, update hudline: the endpoint may have changed."


class Damaged(Unreadable):
    """A file of ours was not what we had written; it is set aside and started over."""

    name = "damaged"
    label = "file damaged"
    next_step = "Nothing to do: it has been started over with what could be read."
    asked = False

    def wait_s(self, failures: int) -> int:
        """Return nothing for the first time: a new file will do. Where that is damaged too, back off."""
        return super().wait_s(failures) if failures > 1 else 0


class NoVersion(Settled):
    """Claude Code's version is not known, so nothing may be asked in its name."""

    name = "no_version"
    label = "no version"
    next_step = "Put `claude` on PATH, or set STATUSLINE_CLAUDE_BIN to it."


class Unsettled(Failure):
    """Somebody is signing in just now: an answer could be put under the wrong account."""

    name = "unsettled"
    label = "signing in"
    next_step = "Nothing to do: it is looked at again in seconds."
    asked = False

    def wait_s(self, failures: int) -> int:  # noqa: ARG002 - it is over in seconds
        """Return ten seconds."""
        return 10


class Overasked(Failure):
    """The endpoint was asked as often within the last hour as it may be."""

    name = "overasked"
    label = "asked often"
    next_step = "Wait a few minutes: the endpoint is asked at most 12 times in an hour."
    asked = False


class BadBase(Settled):
    """STATUSLINE_API_BASE is not a loopback address, or the token is not a test token."""

    name = "bad_base"
    label = "bad base"
    next_step = "Unset STATUSLINE_API_BASE: it is for tests on loopback with a fake token only."


class Off(Settled):
    """The network is turned off by ``"oauth": "off"`` or STATUSLINE_OAUTH=off."""

    name = "off"
    label = "oauth off"
    next_step = 'Set "oauth" to "auto" in the configuration to ask the usage endpoint.'


class NoPlan(Settled):
    """This way of paying has no plan limits: an API key, a cloud provider, or a gateway."""

    name = "no_plan"
    label = "no plan"
    next_step = "Nothing to do: the line shows cost instead."


class ApiKey(NoPlan):
    """ANTHROPIC_API_KEY is set, or an apiKeyHelper in Claude Code's settings."""

    name = "api_key"
    label = "API key"


class CloudProvider(NoPlan):
    """Bedrock, Vertex, Foundry or another provider is configured."""

    name = "cloud_provider"
    label = "cloud provider"


class Gateway(NoPlan):
    """ANTHROPIC_BASE_URL points elsewhere than api.anthropic.com."""

    name = "gateway"
    label = "gateway"


class Unwritable(Failure):
    """The cache directory cannot be used."""

    name = "unwritable"
    label = "no cache"
    next_step = "Make the cache directory writable, or point STATUSLINE_CACHE_DIR elsewhere."
    asked = False


class Busy(Failure):
    """Another refresh of the same job holds its lock."""

    name = "busy"
    label = "busy"
    next_step = "Wait a few seconds and try again."
    asked = False


class Broken(Failure):
    """A job of ours came upon an error that it does not know."""

    name = "broken"
    label = "hudline error"
    next_step = "If this stays, update hudline, or report it with these words."
    asked = False


class Overdue(Failure):
    """The job did not end within its own limit."""

    name = "overdue"
    label = "too slow"


class NoGit(Settled):
    """There is no git to ask."""

    name = "no_git"
    label = "no git"
    next_step = "Install git, or put it on PATH."


class GitRefused(Settled):
    """Git would not tell about a checkout: it is broken, another user's, or of a kind that this git does not know."""

    name = "git_refused"
    label = "git refused"
    next_step = "Run `git status` there to see what it says."


class CommandFailed(Failure):
    """A command of the person's own could not be run, or ended with an error."""

    name = "command_failed"
    label = "command failed"
    next_step = "Run it by hand in the session's directory, with a payload on its standard input."


class NoTranscript(Settled):
    """The session's transcript is not there, or not a file that we may read."""

    name = "no_transcript"
    label = "no transcript"
    next_step = "Nothing to do: it is looked at again when the session has written to it."


def _all(kind: type[Failure]) -> dict[str, type[Failure]]:
    found = {kind.name: kind}
    for each in kind.__subclasses__():
        found |= _all(each)
    return found


BY_NAME = _all(Failure)
