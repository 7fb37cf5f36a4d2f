"""The query language of Maps Engine: what it says, and that it says nothing else."""

import pytest
from hypothesis import given, settings, strategies

from api.mapsengine import grammar
from api.mapsengine.tree import (
    And,
    Circle,
    Column,
    Compare,
    Contains,
    Distance,
    Intersects,
    Item,
    Not,
    Or,
    Order,
    Shape,
    Value,
)
from geoplatform.errors import InvalidRequest

A, B, C = (Compare(Column(name), "=", Value(1)) for name in "abc")
SQUARE = Shape("POLYGON", (((1.0, 3.0), (1.0, 1.0), (4.0, 1.0), (4.0, 4.0), (1.0, 3.0)),))
POINT = Shape("POINT", (((1.23, 4.56),),))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a=1", A),
        ("a = 1 OR b=1 and c=1", Or((A, And((B, C))))),
        ("(a=1 OR b=1) AND c=1", And((Or((A, B)), C))),
        ("NOT a=1 AND NOT (b=1)", And((Not(A), Not(B)))),
        (
            "age>10 AND income<=50000",
            And((Compare(Column("age"), ">", Value(10)), Compare(Column("income"), "<=", Value(50000)))),
        ),
        ("State<>'WA'", Compare(Column("State"), "<>", Value("WA"))),
        ("a != -1.5e3", Compare(Column("a"), "<>", Value(-1500.0))),
        ("is_open = true", Compare(Column("is_open"), "=", Value(True))),
        ("1 < a", Compare(Value(1), "<", Column("a"))),
        ("name CONTAINS 'pasar'", Contains(Column("name"), "pasar")),
        (
            r"""name = 'it''s' AND "a b" = 'x\'y'""",
            And((Compare(Column("name"), "=", Value("it's")), Compare(Column("a b"), "=", Value("x'y")))),
        ),
        (r'"say \"x\"" = 1', Compare(Column('say "x"'), "=", Value(1))),
        ('"AND" = 1', Compare(Column("AND"), "=", Value(1))),
        ("ST_DISTANCE(geometry,ST_POINT(1.23,4.56)) > 100", Compare(Distance(POINT), ">", Value(100))),
        (
            "st_distance(geometry, st_geomfromtext('POINT(1.23 4.56)')) <= 2",
            Compare(Distance(POINT), "<=", Value(2)),
        ),
        (
            "ST_INTERSECTS(geometry, ST_GEOMFROMTEXT('POLYGON((1 3, 1 1, 4 1, 4 4, 1 3))'))",
            Intersects(SQUARE),
        ),
    ],
)
def test_a_predicate_is_read_as_it_was_meant(text, tree):
    assert grammar.where(text) == tree


def test_a_selection_names_columns_and_gives_names_to_distances():
    text = "gx_id, SchoolName,geometry,ST_DISTANCE(geometry,ST_POINT(1.23, 4.56)) as distance, x AS 'my x'"
    assert grammar.select(text) == (
        Item("gx_id", Column("gx_id")),
        Item("SchoolName", Column("SchoolName")),
        Item("geometry", Column("geometry")),
        Item("distance", Distance(POINT)),
        Item("my x", Column("x")),
    )


def test_one_key_sorts_up_or_down():
    assert grammar.order_by("distance") == grammar.order_by("distance ASC") == Order("distance", False)
    assert grammar.order_by("distance desc") == Order("distance", True)


def test_a_literal_is_a_point_a_line_a_polygon_or_a_circle():
    assert grammar.intersects("CIRCLE(174.86994 -36.86524, 1000)") == Circle((174.86994, -36.86524), 1000.0)
    assert grammar.intersects("POLYGON((1 3, 1 1, 4 1, 4 4, 1 3))") == SQUARE
    assert grammar.intersects("point(1.23 4.56)") == POINT
    assert grammar.intersects("LINESTRING(1 2, 3 4)") == Shape("LINESTRING", (((1.0, 2.0), (3.0, 4.0)),))
    holed = grammar.intersects("POLYGON((0 0, 9 0, 9 9, 0 0), (4 3, 5 3, 5 4, 4 3))")
    assert len(holed.rings) == 2


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        ("where", "", "where: expected the name of a column, found the end at character 1"),
        ("where", "a", "where: expected one of = <> != < > <= >= or CONTAINS, found the end at character 2"),
        ("where", "a=1;DROP TABLE x", "where: character 4 begins nothing that is known: ';DROP TABLE x'"),
        ("where", "a=1 --", "where: character 4 begins nothing that is known: ' --'"),
        ("where", "a=1 UNION SELECT 1", "where: expected the end, found 'UNION' at character 5"),
        (
            "where",
            "pg_sleep(9)=1",
            "where: expected one of = <> != < > <= >= or CONTAINS, found '(' at character 9",
        ),
        ("where", "a=(SELECT 1)", "where: expected the name of a column, found '(' at character 3"),
        ("where", "a='open", 'where: character 3 begins nothing that is known: "\'open"'),
        ("where", "a=1e999", "where: 1e999 is larger than any number"),
        (
            "where",
            "ST_DISTANCE(a,ST_POINT(1,2))<1",
            "where: the first of the two is geometry, found ',' at character 14",
        ),
        (
            "where",
            "ST_DISTANCE(geometry,ST_POINT(1,92))<1",
            "where: 1 92 is no longitude and latitude in degrees",
        ),
        (
            "where",
            "ST_BUFFER(geometry,1)=1",
            "where: expected one of = <> != < > <= >= or CONTAINS, found '(' at character 10",
        ),
        ("where", "a" * 17000, "where has 17000 characters: at most 16000 are read"),
        ("where", "(" * 30 + "a=1" + ")" * 30, "where: more than 20 brackets within one another"),
        ("where", "NOT " * 100 + "a=1", "where: more than 20 brackets within one another"),
        ("where", "a='x\0'", "where holds what no text can"),
        ("select", "a,,b", "select: expected the name of a column, found ',' at character 3"),
        ("select", "a, b, a", "select 'a, b, a' names a property twice"),
        ("select", "*", "select: character 1 begins nothing that is known: '*'"),
        (
            "select",
            "ST_DISTANCE(geometry,ST_POINT(1,2))",
            "select: a function is given a name: AS name, found the end at character 36",
        ),
        ("order_by", "a, b", "orderBy: expected the end, found ',' at character 2"),
        ("order_by", "a DESC NULLS FIRST", "orderBy: expected the end, found 'NULLS' at character 8"),
        ("intersects", "POLYGON((0 0, 1 1, 2 0))", "intersects: a ring of a POLYGON ends where it begins"),
        ("intersects", "POLYGON((0 0, 1 1, 0 0))", "intersects: a POLYGON has at least 4 positions"),
        ("intersects", "CIRCLE(0 0, -1)", "intersects: a radius of -1 m is none from 0 to 1e+06"),
        (
            "intersects",
            "LINESTRING(" + ", ".join(f"{i / 100} 0" for i in range(501)) + ")",
            "intersects has more than 500 vertices",
        ),
        (
            "intersects",
            "0 0",
            "intersects: expected POINT, LINESTRING, POLYGON or CIRCLE, found '0' at character 1",
        ),
    ],
)
def test_what_is_no_query_is_refused_and_named(rule, text, said):
    with pytest.raises(InvalidRequest) as error:
        getattr(grammar, rule)(text)
    assert str(error.value) == said


@settings(max_examples=300)
@given(strategies.text(alphabet="ab1 '\"\\(),=<>-;.ST_POINT", max_size=60))
def test_any_text_at_all_is_a_query_or_refused(text):
    for rule in (grammar.where, grammar.select, grammar.order_by, grammar.intersects):
        try:
            rule(text)
        except InvalidRequest:
            continue
