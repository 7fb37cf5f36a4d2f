"""Facebook: the posts of citizens on the city's page, by the Graph API.

A payload is a post with the page that it was found on, or the refusal that tells of a post that is gone.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from geoplatform.errors import FeedUnavailable, Rejected
from ingest.adapter import Page, Payload, Session, Window
from ingest.dialects import graph, posts
from ingest.reading import paging, transports
from ingest.reading.fields import Fields, identity, instant
from reports.record import WITHDRAWN, Submission, Update, Updates

logger = logging.getLogger(__name__)


class Adapter(transports.JsonPages):
    """Reads the posts of the last days again, for edits, and asks for those that did not come back."""

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield the pages of each edge, then what became of the open reports that were on none."""
        page = self._ask(session, self.feed.options["page_id"], {"fields": "id,name"})
        seen: set[str] = set()
        for edge in self.feed.options["edges"]:
            for document in self._documents(session, edge, window):
                found = self._found(document, page)
                seen.update(posts.id_of(one) for one in found if not posts.is_own(one))
                yield Page(found)
        missing = [id for id in window.open_ids if id not in seen]
        yield Page(self._asked_for(session, missing, page, window, is_blind=not seen))

    def items(self, document: Any) -> list[Payload]:
        """Return the posts of an answer, or a kept payload."""
        if isinstance(document, dict) and ("post" in document or "deleted" in document):
            return [document]
        return self._found(document, {"id": self.feed.options["page_id"]})

    def parse(self, payload: Payload) -> Submission | Updates:
        """Tell posts, answers of the page and posts that are gone apart."""
        if "deleted" in payload:
            fields = Fields(payload)
            step = Update(instant(fields.take("asked_at")), WITHDRAWN, "", "")
            return Updates(self.feed.name, identity(fields.take("id")), (step,))
        post = posts.read(payload)
        if posts.is_own(payload):
            if not post.parent_id:
                raise Rejected("a post of the page itself")
            step = Update(post.created_at, None, post.author, post.text, post.image_url)
            return Updates(self.feed.name, post.parent_id, (step,), post.unread)
        categories = self.feed.options["categories"]
        said = (categories[tag] for tag in post.hashtags if tag in categories)
        return Submission(
            channel=self.feed.name,
            external_id=post.id,
            category=next(said, self.feed.options["category"]),
            description=post.text,
            submitted_at=post.created_at,
            updated_at=post.updated_at,
            point=post.point,
            author=post.author,
            image_url=post.image_url,
            digest=post.digest,
            unread=post.unread,
            hint=post.hint,
        )

    def _found(self, document: Any, page: Any) -> list[Payload]:
        """Return the posts of an answer, each with the page, but for what the page itself announces."""
        found: list[Payload] = [{"page": page, "post": post} for post in graph.data(document)]
        return [one for one in found if not posts.is_own(one) or posts.is_answer(one)]

    def _documents(self, session: Session, edge: str, window: Window) -> Iterator[Any]:
        options, path = self.feed.options, f"{self.feed.options['page_id']}/{edge}"
        since, until = (int(one.timestamp()) for one in (window.since, window.now))
        params = {"fields": options["fields"], "limit": options["page_size"], "since": since, "until": until}

        def ask(after: str | None) -> Any:
            return self._ask(session, path, {**params, "after": after} if after else params)

        return paging.by_token(ask, graph.after, options["most_pages"], f"{self.feed.name}: {path}")

    def _asked_for(
        self, session: Session, ids: Sequence[str], page: Any, window: Window, is_blind: bool
    ) -> list[Payload]:
        """Return posts asked for one by one, and which of them are gone.

        A token that lost a permission meets the very refusal of a deleted post: where we are blind to every
        other post, none is taken for gone.
        """
        found: list[Payload] = []
        gone: list[Payload] = []
        for id in ids:
            answer = self._answer(session, id, {"fields": self.feed.options["fields"]})
            if error := graph.error_in(answer):
                if not graph.is_gone(error):
                    raise graph.explained(error, self.feed, id)
                gone.append({"id": id, "deleted": error, "asked_at": window.now.isoformat()})
            elif answer is not None:
                found.append({"page": page, "post": answer})
        if gone and is_blind and not found:
            logger.warning("not withdrawn feed=%s posts=%d: no other is seen", self.feed.name, len(gone))
            return []
        return found + gone

    def _ask(self, session: Session, path: str, params: Mapping[str, str | int]) -> Any:
        answer = self._answer(session, path, params)
        if error := graph.error_in(answer):
            raise graph.explained(error, self.feed, path)
        return answer

    def _answer(self, session: Session, path: str, params: Mapping[str, str | int]) -> Any:
        """Return what Facebook answers, an error like any other."""
        try:
            return session.json(f"{self.feed.options['version']}/{path}", params)
        except FeedUnavailable as refusal:
            if (answer := graph.refusal(refusal.answer)) is None:
                raise
        return answer
