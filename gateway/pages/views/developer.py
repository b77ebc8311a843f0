"""What those who build pages see."""

from dataclasses import dataclass
from datetime import datetime

from gateway.pages.views.forms import Form


@dataclass(frozen=True, kw_only=True)
class ComponentsView:
    """``/dev/components``: every control of templates/shared/ui.html in every state."""

    empty: Form
    refused: Form
    moments: tuple[datetime, ...]  # of the timeline
    counts: tuple[tuple[str, int], ...]  # (slug of words.CATEGORIES, pieces): of the chart
