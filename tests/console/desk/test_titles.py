"""What feeds are called: a brand as it calls itself, any other in the reader's language."""

import pytest

from console.titles import titles
from console.words import LANGUAGES
from layers.models import FeedState

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
CALLED = {"id": "Surel ke pemerintah kota", "en": "E-mail to the city"}


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_feed_that_is_no_brand_is_called_in_the_readers_language(city, login, spoken):
    for name, own in {"qlue": "Qlue", "email": "E-mail to the city"}.items():
        FeedState.objects.create(feed=name, title=own, owner="", enabled=True, simulated=False, cadence_s=60)
    assert titles(spoken) == {"email": CALLED[spoken], "qlue": "Qlue"}
    desk = login("triage")
    for address in ("/status", "/staff/feeds", "/staff/feeds/email", "/staff/"):
        assert CALLED[spoken] in desk.get(address, {"lang": spoken}).text, address
