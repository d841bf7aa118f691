"""Each format with its quirks: what is taken from it, and what is told."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_cli.transfer.readers import FORMATS, detect
from hopcount_cli.transfer.rows import Record, Row, Unreadable
from hopcount_cli.transfer.text import decode, open_text

FIXTURES = Path(__file__).parent / "fixtures"
FIXTURE_FORMATS = {
    "plain.csv": "csv",
    "urls.csv": "csv",
    "pairs.csv": "csv",
    "sheet.csv": "csv",
    "bitly.json": "bitly",
    "bitly.csv": "bitly",
    "yourls.json": "yourls",
    "yourls.csv": "yourls",
    "yourls-plugin.csv": "yourls",
    "shlink.json": "shlink",
    "shlink.csv": "shlink",
    "kutt.json": "kutt",
    "kutt.csv": "kutt",
    "hopcount.jsonl": "hopcount",
    "hopcount.csv": "hopcount",
}


def read_file(name: str) -> dict[str | None, Record]:
    """Read a fixture as the format that it is found to be; rows by code, or target if they have none."""
    with open_text(str(FIXTURES / name), io.BytesIO()) as text:
        found = list(FORMATS[detect(text)].read(text))
    return {(one.code or one.target) if isinstance(one, Row) else one.detail: one for one in found}


def read_text(text: str, name: str | None = None) -> list[Record]:
    stream = io.StringIO(text, newline="")
    return list(FORMATS[name or detect(stream)].read(stream))


def body(record: Record | None) -> dict[str, Any]:
    assert isinstance(record, Row)
    return record.to_body()


def test_every_fixture_is_known_for_what_it_is() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == set(FIXTURE_FORMATS)
    for name, expected in FIXTURE_FORMATS.items():
        with open_text(str(FIXTURES / name), io.BytesIO()) as text:
            assert detect(text) == expected, name


class TestTables:
    def test_names_may_have_any_spelling_and_cells_any_delimiter(self) -> None:
        rows = read_file("plain.csv")
        assert body(rows["prices"]) == {
            "originalUrl": "https://acme.example/prices?v=2",
            "alias": "prices",
            "importedClicks": 1234,
            "createdAt": "2023-04-05T06:07:08.000000Z",
        }
        assert body(rows["menu"])["originalUrl"] == "https://acme.example/menu?days=mo,tu"
        row = rows["prices"]
        assert isinstance(row, Row)
        assert (row.domain, row.lost, row.line) == ("go.acme.example", ("titles", "tags"), 2)

    def test_a_line_without_an_address_is_told(self) -> None:
        assert read_file("plain.csv")["void"] == Unreadable(6, "it says no address to lead to", "void")

    def test_a_list_of_urls_needs_no_names(self) -> None:
        rows = read_file("urls.csv")
        assert [body(row) for row in rows.values()] == [
            {"originalUrl": "https://acme.example/one"},
            {"originalUrl": "https://acme.example/two?a=b&c=d"},
            {"originalUrl": "https://acme.example/three"},
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "https://a.example/long/way,short\n",
            "short,https://a.example/long/way\n",
            "https://go.example/short;https://a.example/long/way\n",
            "https://a.example/long/way\thttps://go.example/short\n",
            "go.example/short|https://a.example/long/way\n",
        ],
    )
    def test_two_columns_need_none_either(self, text: str) -> None:
        (row,) = read_text(text)
        assert isinstance(row, Row)
        assert row.target == "https://a.example/long/way"
        assert row.code == "short"

    def test_utf_16_is_read(self) -> None:
        assert body(read_file("sheet.csv")["wide-16"])["expiresAt"] == "2099-12-31T22:00:00.000000Z"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    def test_every_encoding_that_spreadsheets_write_is_read(self, encoding: str) -> None:
        text = decode(io.BytesIO("url,alias\nhttps://a.example/é,b\n".encode(encoding)))
        (row,) = FORMATS["csv"].read(text)
        assert body(row) == {"originalUrl": "https://a.example/é", "alias": "b", "importedClicks": 0}

    def test_a_cell_in_another_encoding_spoils_its_line_alone(self) -> None:
        text = decode(io.BytesIO(b"url,title\nhttps://a.example/caf\xe9,x\nhttps://a.example/b,caf\xe9\n"))
        spoilt, good = FORMATS["csv"].read(text)
        assert isinstance(spoilt, Unreadable)
        assert body(good) == {"originalUrl": "https://a.example/b"}

    def test_spreadsheets_that_name_their_delimiter_are_believed(self) -> None:
        (row,) = (
            one
            for one in read_text("sep=;\nurl;slug\nhttps://a.example/x,y;b\n", "csv")
            if isinstance(one, Row)
        )
        assert (row.target, row.code) == ("https://a.example/x,y", "b")

    def test_a_line_with_too_many_cells_is_not_cut(self) -> None:
        (record,) = read_text("url,alias\nhttps://a.example/x,y,b\n")
        assert record == Unreadable(2, "it has more cells than there are columns", "3 for 2")

    def test_a_table_without_urls_is_told_once(self) -> None:
        (record,) = read_text("name,age\nAnn,7\nBen,8\n")
        assert isinstance(record, Unreadable)
        assert "no column" in record.reason

    def test_what_has_a_password_is_told(self) -> None:
        open_, secret = read_text(
            "url,slug,password\nhttps://a.example/a,a,\nhttps://a.example/b,b,hunter2\n"
        )
        assert body(open_)["alias"] == "a"
        assert secret == Unreadable(3, "it is protected by a password", "b")

    def test_lists_of_objects_are_tables_too(self) -> None:
        text = json.dumps({"items": [{"slug": "a", "destination": "https://a.example/", "clicks": 3}]})
        (row,) = read_text(text)
        assert body(row) == {"originalUrl": "https://a.example/", "alias": "a", "importedClicks": 3}


class TestBitly:
    def test_every_name_that_a_link_answers_to_becomes_a_link(self) -> None:
        rows = read_file("bitly.json")
        for code in ("launch", "3aBcDeF"):
            assert body(rows[code]) == {
                "originalUrl": "https://acme.example/launch",
                "alias": code,
                "importedClicks": 0,
                "createdAt": "2021-05-06T07:08:09.000000Z",
            }

    def test_the_clicks_are_counted_once(self) -> None:
        rows = read_file("bitly.csv")
        assert [body(rows[code])["importedClicks"] for code in ("webinar", "4pQrStU", "4vWxYzA")] == [
            321,
            0,
            0,
        ]

    def test_older_names_of_columns_are_understood(self) -> None:
        (row,) = read_text(
            "Bitlink,Title,Long URL,Tags,Created,Total Clicks\nbit.ly/x1,T,https://a.example/,,2020-01-01,42\n"
        )
        assert body(row) == {
            "originalUrl": "https://a.example/",
            "alias": "x1",
            "importedClicks": 42,
            "createdAt": "2020-01-01T00:00:00.000000Z",
        }

    def test_what_is_deleted_is_told(self) -> None:
        link = {"id": "bit.ly/x1", "long_url": "https://a.example/", "is_deleted": True}
        assert read_text(json.dumps({"links": [link]})) == [Unreadable(1, "it is deleted", "bit.ly/x1")]

    def test_several_pages_may_stand_in_one_file(self) -> None:
        page = json.dumps({"links": [{"id": "bit.ly/x1", "long_url": "https://a.example/"}]})
        assert len(read_text(page + "\n" + page)) == 2


class TestYourls:
    def test_codes_of_one_character_are_kept(self) -> None:
        assert body(read_file("yourls.json")["y"]) == {
            "originalUrl": "https://acme.example/one-letter",
            "alias": "y",
            "importedClicks": 99,
            "createdAt": "2014-03-01T12:34:56.000000Z",
        }
        assert body(read_file("yourls.csv")["z"])["importedClicks"] == 1044

    def test_a_table_without_names_is_read_in_its_order(self) -> None:
        text = "z,https://acme.example/z,\\N,2013-12-31 23:59:59,192.0.2.1,3\n"
        (row,) = read_text(text, "yourls")
        assert (body(row)["alias"], body(row)["importedClicks"]) == ("z", 3)
        assert isinstance(row, Row)
        assert row.lost == ()

    def test_the_plugins_export_is_read(self) -> None:
        rows = read_file("yourls-plugin.csv")
        assert body(rows["plug"]) == {
            "originalUrl": "https://acme.example/plug",
            "alias": "plug",
            "importedClicks": 12,
        }
        assert body(rows["plug2"])["originalUrl"] == "https://acme.example/plug?a,b"

    def test_the_list_of_another_plugin_is_read(self) -> None:
        link = {
            "keyword": "k",
            "url": "https://a.example/",
            "timestamp": "2020-01-01 00:00:00",
            "clicks": "4",
        }
        (row,) = read_text(json.dumps({"result": [link]}))
        assert (body(row)["alias"], body(row)["importedClicks"]) == ("k", 4)


class TestShlink:
    def test_zones_and_visits_are_kept(self) -> None:
        rows = read_file("shlink.csv")
        assert body(rows["docs/start"])["importedClicks"] == 7
        assert body(read_file("shlink.json")["shj1"]) == {
            "originalUrl": "https://acme.example/json",
            "alias": "shj1",
            "importedClicks": 15,
            "createdAt": "2023-06-07T06:09:10.000000Z",
            "passQuery": True,
        }

    def test_the_end_and_the_query_of_a_link_are_kept(self) -> None:
        row = body(read_file("shlink.json")["shj2"])
        assert row["expiresAt"] == "2098-12-31T23:00:00.000000Z"
        assert "passQuery" not in row

    def test_what_makes_a_link_another_one_is_told(self) -> None:
        rows = read_file("shlink.json")
        lost = {code: row.lost for code, row in rows.items() if isinstance(row, Row)}
        assert lost == {
            "shj1": ("titles", "tags"),
            "shj2": ("visit limits",),
            "shj3": (),
            "shj4": ("redirect rules",),
        }

    def test_older_versions_count_otherwise(self) -> None:
        link = {
            "shortCode": "a1",
            "longUrl": "https://a.example/",
            "visitsCount": 1029,
            "dateCreated": "2016-05-01T20:34:16+02:00",
        }
        (row,) = read_text(json.dumps({"shortUrls": {"data": [link]}}))
        assert body(row)["importedClicks"] == 1029


class TestKutt:
    def test_links_are_kept_with_their_end(self) -> None:
        assert body(read_file("kutt.json")["kuEnds"]) == {
            "originalUrl": "https://acme.example/ends",
            "alias": "kuEnds",
            "importedClicks": 3,
            "createdAt": "2024-05-06T07:08:09.123000Z",
            "expiresAt": "2098-07-06T05:04:03.000000Z",
        }

    def test_what_is_banned_or_protected_is_told(self) -> None:
        rows = {**read_file("kutt.json"), **read_file("kutt.csv")}
        assert {code: row.reason for code, row in rows.items() if isinstance(row, Unreadable)} == {
            "kuSecret": "it is protected by a password",
            "kuHash": "it is protected by a password",
            "kuBanned": "it is banned",
        }

    def test_a_database_writes_times_and_flags_in_its_own_way(self) -> None:
        names = "address,banned,password,expire_in,target,visit_count,created_at"
        (row,) = read_text(f"{names}\na,0,,,https://a.example/,4,2023-03-04 05:06:07\n")
        assert body(row)["createdAt"] == "2023-03-04T05:06:07.000000Z"


class TestHopcount:
    def test_everything_is_kept(self) -> None:
        expected = {
            "alias": "h2",
            "originalUrl": "https://acme.example/h2",
            "createdAt": "2025-01-02T03:04:05.678901Z",
            "redirectStatus": 302,
            "maxAge": 60,
            "passQuery": True,
            "importedClicks": 0,
        }
        assert body(read_file("hopcount.jsonl")["h2"]) == expected

    def test_what_was_kept_from_being_a_formula_is_itself_again(self) -> None:
        assert body(read_file("hopcount.csv")["-csv"])["maxAge"] == 3600

    def test_a_broken_line_breaks_no_other(self) -> None:
        good = '{"id": "a1", "originalUrl": "https://a.example/", "totalClicks": 1}'
        found = read_text(f"{good}\n{{broken\n\n[]\n{good}\n", "hopcount")
        assert [type(one) for one in found] == [Row, Unreadable, Unreadable, Row]
        assert [one.line for one in found] == [1, 2, 4, 5]

    def test_numbers_that_are_none_are_told(self) -> None:
        text = '{"id": "a1", "originalUrl": "https://a.example/", "totalClicks": 1, "maxAge": "long"}'
        (record,) = read_text(text, "hopcount")
        assert isinstance(record, Unreadable)


class TestWhatever:
    def test_a_time_or_number_that_makes_no_sense_is_lost_and_the_link_is_not(self) -> None:
        (row,) = read_text("url,slug,created,clicks\nhttps://a.example/,a1,long ago,many\n")
        assert isinstance(row, Row)
        assert row.lost == ("creation times that cannot be read", "click numbers that cannot be read")
        assert body(row) == {"originalUrl": "https://a.example/", "alias": "a1", "importedClicks": 0}

    def test_an_end_that_makes_no_sense_is_not_forgotten(self) -> None:
        (record,) = read_text("url,slug,expires\nhttps://a.example/,a1,soon\n")
        assert record == Unreadable(2, "its end cannot be read as a time", "soon")

    @given(st.text() | st.text(alphabet='{}[]",:;\n\r\tlinksdatarget ahortUl'), st.sampled_from([*FORMATS]))
    def test_junk_is_told_and_raises_nothing(self, text: str, name: str) -> None:
        assert all(isinstance(one, Row | Unreadable) for one in read_text(text, name))

    @given(st.binary(), st.sampled_from([*FORMATS]))
    def test_bytes_raise_nothing_either(self, data: bytes, name: str) -> None:
        text = decode(io.BytesIO(data))
        detect(text)
        assert all(isinstance(one, Row | Unreadable) for one in FORMATS[name].read(text))

    @given(st.data(), st.sampled_from([*FORMATS]))
    def test_damaged_fixtures_raise_nothing(self, data: st.DataObject, name: str) -> None:
        path = FIXTURES / data.draw(st.sampled_from(sorted(FIXTURE_FORMATS)))
        whole = path.read_bytes()
        at = data.draw(st.integers(0, len(whole)))
        text = decode(io.BytesIO(whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + 1 :]))
        assert all(isinstance(one, Row | Unreadable) for one in FORMATS[name].read(text))


def test_a_long_file_is_read_bit_by_bit() -> None:
    class Watched(io.StringIO):
        furthest = 0

        def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
            self.furthest += 1
            return super().readline(-1 if size is None else size)

    text = Watched("url,slug\n" + "".join(f"https://a.example/{i},c{i}\n" for i in range(100_000)))
    rows: Iterator[Record] = FORMATS["csv"].read(text)
    next(rows)
    assert text.furthest < 10
