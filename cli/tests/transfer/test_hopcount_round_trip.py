"""What is exported is what is imported, whatever it is."""

import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hopcount_cli.transfer.export_command import ExportFormat, write_links
from hopcount_cli.transfer.readers import FORMATS, detect
from hopcount_cli.transfer.rows import Row

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.builds(
    Row,
    line=st.just(0),
    target=st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Zs", "Cc"]), max_size=30).map(
        "https://a.example/".__add__
    ),
    code=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    created_at=MOMENTS,
    expires_at=st.none() | MOMENTS,
    clicks=st.integers(0, 10**12),
    redirect_status=st.sampled_from([301, 302, 307, 308]),
    max_age=st.none() | st.integers(0, 31_536_000),
    pass_query=st.booleans(),
)


@given(st.lists(ROWS, min_size=1, max_size=5), st.sampled_from(ExportFormat))
def test_an_export_read_again_is_the_same(rows: list[Row], written_as: ExportFormat) -> None:
    text = "".join(write_links((row.to_export() for row in rows), written_as))
    stream = io.StringIO(text, newline="")
    assert detect(stream) == "hopcount"
    read = list(FORMATS["hopcount"].read(stream))
    assert all(isinstance(row, Row) for row in read)
    assert [row.to_export() for row in read if isinstance(row, Row)] == [row.to_export() for row in rows]
