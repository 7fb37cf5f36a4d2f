"""SQL of a migration; a changed one is a new migration."""

CREATE = """
-- The pieces of a difference hash by which alike ones are found: of eight pieces of eight bits six bits that
-- differ leave two whole, so two alike pictures share a pair of pieces. 28 pairs of 16 bits: each picks one of
-- 65,000 pictures, where a single piece picks one of 500. None of a picture that shows nothing: it is alike to all.
CREATE FUNCTION reports_pieces(looks bigint) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN bit_count(looks::bit(64)) BETWEEN 8 AND 56 THEN ARRAY(
        SELECT ((first * 8 + second) << 16)
            | (((looks >> first * 8) & 255) << 8 | ((looks >> second * 8) & 255))::integer
        FROM generate_series(0, 6) AS first
        CROSS JOIN LATERAL generate_series(first + 1, 7) AS second
    ) ELSE ARRAY[]::integer[] END
$$;
"""
DROP = "DROP FUNCTION reports_pieces(bigint);"
