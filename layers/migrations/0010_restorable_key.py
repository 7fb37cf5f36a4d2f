"""The key of a point by functions named with their schema: a dump is restored without one to look in.

pg_restore and what pg_dump writes for psql set an empty ``search_path``. Rows whose key was generated anew on
their way in were refused: all reports, alerts and places.
"""

from django.db import migrations

TILE_KEY = """
CREATE OR REPLACE FUNCTION layers_tile_key(point geometry) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    side CONSTANT double precision := 1073741824;
    lat double precision := radians(
        least(greatest(public.ST_Y(point), -85.0511287798066), 85.0511287798066));
    x bigint := floor((public.ST_X(point) + 180) / 360 * side);
    y bigint := floor((1 - asinh(tan(lat)) / pi()) / 2 * side);
BEGIN
    RETURN public.layers_spread(least(greatest(x, 0), 1073741823))
        | (public.layers_spread(least(greatest(y, 0), 1073741823)) << 1);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0009_detached_rights")]

    operations = [migrations.RunSQL(TILE_KEY, migrations.RunSQL.noop)]
