"""SQL functions of this app's first migrations; a changed one is a new migration."""

TILE_KEY = """
CREATE FUNCTION layers_spread(coordinate bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE v bigint := coordinate;
BEGIN
    v := (v | (v << 16)) & x'0000FFFF0000FFFF'::bigint;
    v := (v | (v << 8)) & x'00FF00FF00FF00FF'::bigint;
    v := (v | (v << 4)) & x'0F0F0F0F0F0F0F0F'::bigint;
    v := (v | (v << 2)) & x'3333333333333333'::bigint;
    RETURN (v | (v << 1)) & x'5555555555555555'::bigint;
END $$;

-- The tile column and row of a point at zoom 30, bits interleaved, the column's lowest bit first.
-- Beyond the square of Web Mercator (latitude 85.0511) a point is held at its edge.
CREATE FUNCTION layers_tile_key(point geometry) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    side CONSTANT double precision := 1073741824;
    lat double precision := radians(least(greatest(ST_Y(point), -85.0511287798066), 85.0511287798066));
    x bigint := floor((ST_X(point) + 180) / 360 * side);
    y bigint := floor((1 - asinh(tan(lat)) / pi()) / 2 * side);
BEGIN
    RETURN layers_spread(least(greatest(x, 0), 1073741823))
        | (layers_spread(least(greatest(y, 0), 1073741823)) << 1);
END $$;
"""
DROP_TILE_KEY = "DROP FUNCTION layers_tile_key(geometry); DROP FUNCTION layers_spread(bigint);"
