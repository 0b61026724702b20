"""All scenarios, by topic."""

from tests.simulation.scenarios import beginnings, conversations, corrections, days, everyday, logins, switches

TOPICS = {
    "everyday": everyday.topic,
    "conversations": conversations.topic,
    "corrections": corrections.topic,
    "switches": switches.topic,
    "logins": logins.topic,
    "beginnings": beginnings.topic,
    "days": days.topic,
}
SCENARIOS = {name: each for topic in TOPICS.values() for name, each in topic.scenarios.items()}
