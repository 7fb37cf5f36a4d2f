"""What a feed is called, as its reader speaks: a brand as it calls itself, any other by our words for it."""

from console.words import words
from layers.models import FeedState


def title(feed: str, own: str, spoken: str) -> str:
    """Return what a feed is called in a language; ``own`` is the title that its adapter states."""
    return words(spoken).get(f"channel_{feed}", own)


def titles(spoken: str) -> dict[str, str]:
    """Return what each feed is called in a language, by name, in the order of what they are called."""
    named = [(title(feed, own, spoken), feed) for feed, own in FeedState.objects.values_list("feed", "title")]
    return {feed: said for said, feed in sorted(named)}
