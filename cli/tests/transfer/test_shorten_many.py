"""Mass shortening: in order, once each, whatever interrupts it."""

import io
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from cli.tests.transfer.fake_service import FakeService, break_off
from hypothesis import given
from hypothesis import strategies as st

from hopcount_cli.errors import INTERRUPTED, CommandError, NetworkError
from hopcount_cli.transfer import sending
from hopcount_cli.transfer import shorten_many as module
from hopcount_cli.transfer.sending import StoppedError
from hopcount_cli.transfer.shorten_many import Counts, read_urls, shorten_many

LIST = "".join(f"https://a.example/{number % 700}\n" for number in range(1_234))


def run(service: FakeService, text: str = LIST, *, as_json: bool = False) -> tuple[Counts, list[str]]:
    out = io.StringIO()
    counts = shorten_many(service, io.StringIO(text), as_json=as_json, out=out)
    return counts, out.getvalue().splitlines()


def test_blank_lines_and_remarks_are_no_urls() -> None:
    text = "\ufeffhttps://a.example/1\r\n\r\n  # not this\n  https://a.example/#part \n#\n"
    assert list(read_urls(io.StringIO(text, newline=""))) == [
        "https://a.example/1",
        "https://a.example/#part",
    ]


def test_each_url_gets_a_link_in_its_place() -> None:
    service = FakeService()
    counts, printed = run(service)
    assert counts == Counts(made=1_234, failed=0)
    codes = [line.rsplit("/", 1)[1] for line in printed]
    assert len(set(codes)) == 1_234
    assert [service.links[code]["originalUrl"] for code in codes] == LIST.split()
    assert [size for _, size in service.requests] == [500, 500, 234]


def test_what_fails_leaves_an_empty_line_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    counts, printed = run(FakeService(), "https://a.example/1\nnonsense\nhttps://a.example/2\n")
    assert counts == Counts(made=2, failed=1)
    assert printed == ["https://hop.example/c000000", "", "https://hop.example/c000001"]
    assert capsys.readouterr().err == "hopcount: URL 2, nonsense: originalUrl: is no URL\n"


def test_programs_get_an_object_for_each_url() -> None:
    _, printed = run(FakeService(), "https://a.example/é\nnonsense\n", as_json=True)
    good, bad = map(json.loads, printed)
    assert good == {"originalUrl": "https://a.example/é", "shortUrl": "https://hop.example/c000000"}
    assert bad["originalUrl"] == "nonsense"
    assert bad["problem"]["type"] == "urn:hopcount:problem:validation"


def test_what_cannot_be_sent_fails_alone() -> None:
    text = f"https://a.example/{'x' * 5_000}\nhttps://a.example/ok\n"
    assert run(FakeService(), text)[0] == Counts(made=1, failed=1)
    stream = io.TextIOWrapper(io.BytesIO(b"https://a.example/caf\xe9\nhttps://a.example/ok\n"), "utf-8")
    assert shorten_many(FakeService(), stream, out=io.StringIO()) == Counts(made=1, failed=1)


def test_every_link_is_what_was_asked_for() -> None:
    service = FakeService()
    shorten_many(
        service, io.StringIO("https://a.example/\n"), options={"redirectStatus": 302}, out=io.StringIO()
    )
    assert list(service.links.values()) == [{"originalUrl": "https://a.example/", "redirectStatus": 302}]


@given(
    size=st.integers(1, 4),
    lines=st.lists(st.sampled_from(["https://a.example/1", "https://a.example/2", "nonsense"]), max_size=12),
    breaks=st.lists(
        st.tuples(st.integers(0, 5), st.booleans(), st.sampled_from([KeyboardInterrupt, NetworkError])),
        max_size=3,
    ),
)
def test_interrupted_anywhere_and_run_again_loses_and_doubles_nothing(
    size: int, lines: list[str], breaks: list[tuple[int, bool, type[BaseException]]]
) -> None:
    """Whatever a run is broken off by, before or after the service has done its work."""
    text = "\n".join(lines)
    whole = FakeService()
    torn = FakeService()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", size)
        patch.setattr(sending, "_ROUNDS", 1)
        expected = run(whole, text)
        for at, is_after, error in breaks:
            hook = break_off(len(torn.requests) + at, error)
            setattr(torn, "_after" if is_after else "_before", hook)
            with suppress(CommandError):
                run(torn, text)
        torn._before = torn._after = lambda _: None
        assert run(torn, text) == expected
    assert torn.links == whole.links


def test_ctrl_c_says_what_is_done_and_how_to_go_on() -> None:
    with pytest.raises(StoppedError) as stopped:
        run(FakeService(before=break_off(1)))
    assert stopped.value.exit_code == INTERRUPTED
    assert "500 of 1,234" in str(stopped.value)
    assert "again" in str(stopped.value)


def test_what_is_done_is_printed_at_once() -> None:
    out = io.StringIO()
    with pytest.raises(StoppedError):
        shorten_many(FakeService(before=break_off(2)), io.StringIO(LIST), out=out)
    assert len(out.getvalue().splitlines()) == 1_000


def test_memory_does_not_grow_with_the_list() -> None:
    asked: list[int] = []

    class Lines(io.StringIO):
        given = 0

        def seekable(self) -> bool:
            return False

        def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
            self.given += 1
            return "" if self.given > 5_000 else f"https://a.example/{self.given}\n"

    lines = Lines()
    service = FakeService(before=lambda _: asked.append(lines.given))
    shorten_many(service, lines, out=io.StringIO())
    assert asked == [500 * number for number in range(1, 11)]


PIPED = """
import sys
from cli.tests.transfer.fake_service import FakeService
from hopcount_cli.groups import Hopcount
from hopcount_cli.transfer.shorten_many import shorten_many
import typer
app = typer.Typer(cls=Hopcount)
@app.callback()
def nothing(): pass
@app.command()
def shorten(): shorten_many(FakeService(), sys.stdin)
app()
"""


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PIPED, "shorten"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": f".{os.pathsep}cli"},
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    with suppress(BrokenPipeError):
        process.stdin.write(LIST * 20)
    with suppress(BrokenPipeError):
        process.stdin.close()
    assert process.stderr is not None
    assert process.wait() == 1
    with process.stderr as stderr:
        assert stderr.read() == ""
