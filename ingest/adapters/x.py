"""X, once Twitter: recent search and the mentions of the city's account, by API v2.

Each stream has its own place in the cursor, which moves once all its pages were read: they run newest first.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from geoplatform.errors import FeedUnavailable
from ingest.adapter import Page, Payload, Session, Window
from ingest.dialects import tweet_answers, tweet_lookups, tweets
from ingest.reading import paging, transports
from reports.record import Submission, Update, Updates

logger = logging.getLogger(__name__)

SEARCH = "search"
PAGE_NAMES = {SEARCH: "next_token", "mentions": "pagination_token"}
REACH = timedelta(days=7) - timedelta(minutes=1)  # how far back search goes, less what a request may take


class Adapter(transports.JsonPages):
    """Reads what is newer than the newest tweet of the last run, each stream for itself."""

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield the pages of each stream, and behind its last one how far it was read."""
        cursor = dict(window.cursor or {})
        is_blind = True
        for stream in self.feed.options["streams"]:
            ids = [since_id] if (since_id := cursor.get(stream)) else []
            for document in self._documents(session, stream, self._params(stream, since_id, window)):
                ids += tweet_answers.ids(document)
                is_blind = is_blind and not document.get("data")
                yield Page(self.items(document))
            if ids and (newest := max(ids, key=int)) != since_id:
                cursor[stream] = newest
                yield Page([], dict(cursor))
        if gone := self._gone(session, window, is_blind):
            yield Page(gone)

    def items(self, document: Any) -> list[Payload]:
        """Return the tweets of an answer without retweets and the city's announcements, or a kept payload."""
        if isinstance(document, dict) and ("tweet" in document or "gone" in document):
            return [document]
        sent = tweet_answers.joined(tweet_answers.checked(document, self.feed.name))
        kept = [one for one in sent if not tweets.refers(one, "retweeted") and not self._announces(one)]
        if len(kept) < len(sent):
            logger.info("left out feed=%s tweets=%d of=%d", self.feed.name, len(sent) - len(kept), len(sent))
        return kept

    def parse(self, payload: Payload) -> Submission | Updates:
        """Tell reports from words in a conversation that began before, and from tweets that are gone."""
        if "gone" in payload:
            return tweet_lookups.withdrawal(self.feed.name, payload)
        tweet = tweets.read(payload)
        name, root = self.feed.name, tweet.conversation_id
        if self._is_own(tweet.author):
            step = Update(tweet.edited_at, None, f"@{tweet.author.username}", tweet.text, tweet.image_url)
            return Updates(name, root, (step,), tweet.unread)
        if not tweet.answers or (tweet.answers == root and self._is_own(tweet.answered)):
            return self._submission(tweet, tweet.id)
        step = Update(tweet.edited_at, None, "", tweet.text, tweet.image_url, author=tweet.author.words)
        return Updates(name, root, (step,), tweet.unread, self._submission(tweet, root, stands_in=True))

    def _submission(self, tweet: tweets.Tweet, external_id: str, stands_in: bool = False) -> Submission:
        categories = self.feed.options["categories"]
        said = (categories[tag] for tag in tweet.hashtags if tag in categories)
        return Submission(
            channel=self.feed.name,
            external_id=external_id,
            category=next(said, self.feed.options["category"]),
            description=tweet.text,
            submitted_at=tweet.posted_at,
            updated_at=tweet.edited_at,
            point=tweet.point,
            author=tweet.author.words,
            image_url=tweet.image_url,
            digest=tweet.digest,
            unread=tweet.unread,
            hint=tweet.hint,
            area=tweet.area,
            stands_in=stands_in,
        )

    def _gone(self, session: Session, window: Window, is_blind: bool) -> list[Payload]:
        """Ask again for open reports, a hundred at a time; return those of them that are gone.

        An app that lost its access meets the very refusal of a deleted tweet: where we are blind to every
        other tweet, none is taken for gone.
        """
        gone: list[Payload] = []
        for ids in tweet_lookups.asked(window.open_ids):
            answer = self._ask(session, tweet_lookups.PATH, {"ids": ",".join(ids)})
            there, missing = tweet_lookups.told_apart(answer, ids, window.now)
            is_blind = is_blind and not there
            gone += missing
        if gone and is_blind:
            logger.warning("not withdrawn feed=%s tweets=%d: no other is seen", self.feed.name, len(gone))
            return []
        return gone

    def _announces(self, payload: Payload) -> bool:
        return self._is_own(tweets.author(payload)) and not tweets.refers(payload, "replied_to")

    def _is_own(self, account: tweets.Account) -> bool:
        options = self.feed.options
        own = {options["account"].casefold(), options["user_id"], *options["own_user_ids"]} - {""}
        return account.id in own or account.username.casefold() in own

    def _params(self, stream: str, since_id: str | None, window: Window) -> dict[str, str | int]:
        """Return what to ask for: all behind a tweet or, where that is too old for X, all that there is."""
        options, oldest = self.feed.options, window.now - REACH
        query = {"query": options["query"]} if stream == SEARCH else {}
        params: dict[str, str | int] = {**query, "max_results": options["page_size"], **options["fields"]}
        if since_id and tweets.born(since_id) > oldest:
            return params | {"since_id": since_id}
        if window.since < oldest:
            logger.warning("gap feed=%s stream=%s: nothing is read before %s", self.feed.name, stream, oldest)
        start = oldest if since_id else max(window.since, oldest)
        return params | {"start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _documents(self, session: Session, stream: str, params: Mapping[str, str | int]) -> Iterator[Any]:
        path = "2/tweets/search/recent" if stream == SEARCH else f"2/users/{self._user_id(session)}/mentions"

        what = f"{self.feed.name}: {path}"

        def ask(token: str | None) -> Any:
            answer = self._ask(session, path, {**params, PAGE_NAMES[stream]: token} if token else params)
            if answer is None and not token and "since_id" not in params:
                # Without a place in the stream the next run would begin behind what was hidden by this.
                raise FeedUnavailable(f"{what}: no content")
            return None if answer is None else tweet_answers.checked(answer, self.feed.name)

        return paging.by_token(ask, tweet_answers.next_token, self.feed.options["most_pages"], what)

    def _user_id(self, session: Session) -> str:
        if known := str(self.feed.options["user_id"]):
            return known
        path = f"2/users/by/username/{self.feed.options['account']}"
        return tweet_answers.user_id(self._ask(session, path, {}), self.feed.name)

    def _ask(self, session: Session, path: str, params: Mapping[str, str | int]) -> Any:
        try:
            return session.json(path, params)
        except FeedUnavailable as error:
            raise tweet_answers.explained(error) from None
