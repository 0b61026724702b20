"""Who is paid for the session, as far as the environment tells: only plans have usage windows of their own."""

from cache.system import setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

API_HOST = "api.anthropic.com"
BILLINGS = ("api_key", "cloud_provider", "gateway")
PROVIDERS = ("BEDROCK", "VERTEX", "FOUNDRY", "ANTHROPIC_AWS", "MANTLE")


def billing_of(read: "Callable[[str], str]" = setting) -> "str":
    """Return ``api_key``, ``cloud_provider`` or ``gateway``, named as in `cache.errors`; empty for a plan's login.

    ``read`` returns a variable of the environment, empty where there is none. The value of a key is never looked at:
    only whether there is one.
    """
    if any(is_true(read(f"CLAUDE_CODE_USE_{name}")) for name in PROVIDERS):
        return "cloud_provider"
    base = read("ANTHROPIC_BASE_URL")
    if base and _host_of(base) != API_HOST:
        return "gateway"
    return "api_key" if read("ANTHROPIC_API_KEY") else ""


def is_true(value: "str") -> "bool":
    """Say whether the value of an environment variable switches something on."""
    return value.strip().lower() in {"1", "true", "yes", "on"}


def _host_of(url: "str") -> "str":
    """Return the host of a URL, without user info and port."""
    rest = url.strip().partition("://")[2] or url.strip()
    for end in "/?#":
        rest = rest.partition(end)[0]
    return rest.rpartition("@")[2].partition(":")[0].lower()
