"""Generated values take as long as they take: a deadline would measure the machine, not the code."""

from hypothesis import settings

settings.register_profile("lotproof", deadline=None)
settings.load_profile("lotproof")
