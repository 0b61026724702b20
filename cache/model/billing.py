"""What pays for the session: only plans have usage windows."""

from cache.model.jsonio import mapping
from cache.model.osapi import setting
from cache.model.windows import FIVE_HOUR, SEVEN_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

API_HOST = "api.anthropic.com"
BILLINGS = ("api_key", "cloud_provider", "gateway")
# By the end of CLAUDE_CODE_USE_*, how a person calls it; Mantle is an endpoint of Bedrock's.
PROVIDERS = {
    "BEDROCK": "Bedrock",
    "VERTEX": "Vertex",
    "FOUNDRY": "Foundry",
    "ANTHROPIC_AWS": "AWS",
    "MANTLE": "Bedrock",
}

KEYED_AT_MOST = 16  # projects that are kept
EVERYWHERE = "*"  # instead of a project: settings that apply to all of the user's sessions


def proves_plan(rate_limits: "object") -> "bool":
    """Return whether stdin's ``rate_limits`` prove that a plan pays for the session, whatever the environment holds.

    Claude Code reports the plan's windows only where it uses the plan's login. A gateway's ``spend_limit`` is no proof.
    """
    limits = mapping(rate_limits)
    return bool(mapping(limits.get(FIVE_HOUR)) or mapping(limits.get(SEVEN_DAY)))


def is_keyed(value: "dict[str, object]", project: "str") -> "bool":
    """Return whether an ``apiKeyHelper`` applies to sessions of a project (an absolute path, or empty).

    ``value`` is that of ``usage.json``: the refresher has read the settings and listed in ``keyed`` the projects, or
    `EVERYWHERE`. Such a session is billed by API usage, unless stdin proves a plan.
    """
    keyed = value.get("keyed")
    return isinstance(keyed, list) and (EVERYWHERE in keyed or (project != "" and project in keyed))


def billing_of(read: "Callable[[str], str]" = setting) -> "str":
    """Return ``api_key``, ``cloud_provider`` or ``gateway``, as in `cache.work.failures`; empty for a plan.

    ``read`` returns an environment variable, empty where it is not set. The value of a key is not used, only whether
    there is one.
    """
    if any(is_true(read(f"CLAUDE_CODE_USE_{name}")) for name in PROVIDERS):
        return "cloud_provider"
    base = read("ANTHROPIC_BASE_URL")
    if base and _host_of(base) != API_HOST:
        return "gateway"
    return "api_key" if read("ANTHROPIC_API_KEY") else ""


def payer_of(read: "Callable[[str], str]") -> "str":
    """Return who is billed, as a person calls it: ``API key``, ``Bedrock``, ``gateway``; empty for a plan."""
    billing = billing_of(read)
    if billing == "cloud_provider":
        return next(name for key, name in PROVIDERS.items() if is_true(read(f"CLAUDE_CODE_USE_{key}")))
    return billing.replace("api_key", "API key")


def is_true(value: "str") -> "bool":
    """Return whether the value of an environment variable switches something on."""
    return value.strip().lower() in {"1", "true", "yes", "on"}


def _host_of(url: "str") -> "str":
    """Return the host of a URL, without user info and port."""
    rest = url.strip().partition("://")[2] or url.strip()
    for end in "/?#":
        rest = rest.partition(end)[0]
    return rest.rpartition("@")[2].partition(":")[0].lower()
