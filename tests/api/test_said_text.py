import pytest
from django.db import connection


@pytest.mark.parametrize(("view", "column"), [("reports", "text"), ("updates", "note")])
def test_the_comment_of_public_words_promises_what_is_struck_out_and_no_more(db, view, column):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attname = %s",
            [f"analyst.{view}", column],
        )
        ((said,),) = cursor.fetchall()
    assert said.endswith("without names, phones and e-mail addresses")
