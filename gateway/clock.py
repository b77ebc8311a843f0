"""The clocks of an installation: wall time, and wall time moved to where the demo's story begins."""

from datetime import UTC, datetime, timedelta

STORY_BEGINS = datetime(2026, 11, 20, 1, 0, 0, tzinfo=UTC)


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class StoryClock:
    """Runs with wall time from ``STORY_BEGINS``; offset: what is added to wall time, persisted."""

    def __init__(self, offset: timedelta) -> None:
        self._offset = offset

    @classmethod
    def offset_now(cls) -> timedelta:
        """The offset that makes this moment the story's beginning."""
        return STORY_BEGINS - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset
