-- silent_feeds: which feeds were silent at an instant, as it was known then, and since when.
--
-- params   %(at)s instant
-- returns  title, since; by feed
-- index    silence_identity
-- caller   casework.brief.contents.silent_feeds
SELECT state.title, silence.since
FROM layers_silences(%(at)s) AS silence
JOIN layers_feedstate AS state ON state.feed = silence.feed
WHERE silence.until IS NULL
ORDER BY silence.feed
