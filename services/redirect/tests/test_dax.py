"""DAX's real client against a stand-in for a node, and a fake client that fails as told."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from amazondax import AmazonDaxClient
from services.redirect.tests.dax_server import DaxServer
from services.redirect.tests.support import TABLE, FakeLinks, make_link, row

from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import from_iso
from redirect.dax import REST_SECONDS, DaxLinks, connect
from redirect.domain.link import Link
from redirect.repository import PROJECTION

# The client asks datetime for the time in a way that Python 3.12 disapproves of.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:amazondax.*")

EXPIRES_AT = "2026-11-22T15:26:58.123456Z"


@pytest.fixture
def node() -> Iterator[DaxServer]:
    with DaxServer({"abc1234": row()}) as server:
        yield server


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every client when a test is over: each has threads that would go on asking for its cluster."""
    made: list[AmazonDaxClient] = []

    def make(**settings: Any) -> AmazonDaxClient:
        made.append(AmazonDaxClient(**settings))
        return made[-1]

    monkeypatch.setattr("redirect.dax.AmazonDaxClient", make)
    yield
    for client in made:
        client.close()


@pytest.mark.usefixtures("clients")
class TestThroughTheRealClient:
    def test_a_link_is_read_from_the_cluster_alone(self, node: DaxServer) -> None:
        table = FakeLinks()
        links = connect(node.url, "us-east-1", TABLE, table)
        assert links.get("abc1234") == make_link()
        assert links.get("abc1234") == make_link()
        assert table.asked == []
        assert [(read["table"], read["id"]) for read in node.reads] == [(TABLE, "abc1234")] * 2
        # A strongly consistent one would be passed on to the table, and not remembered.
        assert not node.reads[0].get("ConsistentRead")

    def test_a_link_with_everything_is_read(self, node: DaxServer) -> None:
        node.items["full"] = row(
            "full",
            expiresAt={"S": EXPIRES_AT},
            deletedAt={"S": EXPIRES_AT},
            redirectStatus={"N": "308"},
            maxAge={"N": "3600"},
            passQuery={"BOOL": True},
        )
        assert connect(node.url, "us-east-1", TABLE, FakeLinks()).get("full") == make_link(
            "full", expires_at=from_iso(EXPIRES_AT), deleted=True, status=308, max_age=3600, pass_query=True
        )

    def test_what_the_cluster_does_not_know_is_looked_up_in_the_table(self, node: DaxServer) -> None:
        table = FakeLinks(make_link("new1234"))
        links = connect(node.url, "us-east-1", TABLE, table)
        assert links.get("new1234") == make_link("new1234")
        assert links.get("none") is None
        assert table.asked == ["new1234", "none"]
        assert [read["id"] for read in node.reads] == ["new1234", "none"]

    def test_the_functions_own_credentials_are_shown(
        self, node: DaxServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAFUNCTION")
        connect(node.url, "us-east-1", TABLE, FakeLinks()).get("abc1234")
        assert set(node.keys) == {"ASIAFUNCTION"}

    def test_a_cluster_that_cannot_be_reached_fails_nobody(self) -> None:
        with DaxServer() as gone:
            address = gone.url
        table = FakeLinks(make_link())
        assert connect(address, "us-east-1", TABLE, table).get("abc1234") == make_link()

    def test_a_cluster_that_hangs_up_fails_nobody(self, node: DaxServer) -> None:
        table = FakeLinks(make_link())
        links = connect(node.url, "us-east-1", TABLE, table)
        node.broken = True
        assert links.get("abc1234") == make_link()
        assert (node.hung_up > 0, table.asked) == (True, ["abc1234"])

    def test_a_connection_that_was_closed_while_the_sandbox_slept_is_made_anew(self, node: DaxServer) -> None:
        table = FakeLinks()
        links = connect(node.url, "us-east-1", TABLE, table)
        assert links.get("abc1234") == make_link()
        node.hang_up()
        assert links.get("abc1234") == make_link()
        assert table.asked == []


class FakeClient:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def get_item(self, **request: Any) -> Mapping[str, Any]:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Connect:
    """Connects to a client once it is there, and counts the attempts."""

    def __init__(self, client: FakeClient | None) -> None:
        self.client = client
        self.attempts = 0

    def __call__(self) -> FakeClient:
        self.attempts += 1
        if self.client is None:
            raise TimeoutError
        return self.client


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


KNOWN = {"Item": {name: value for name, value in row().items() if name in PROJECTION.split(", ")}}


def read_through(connect: Connect, table: FakeLinks, clock: Clock) -> DaxLinks:
    return DaxLinks(connect, TABLE, table, clock)


class TestDaxLinks:
    def test_asks_for_no_more_than_the_table_would_give(self) -> None:
        client = FakeClient(KNOWN)
        assert read_through(Connect(client), FakeLinks(), Clock()).get("abc1234") == make_link()
        assert client.asked == [
            {"TableName": TABLE, "Key": {"id": {"S": "abc1234"}}, "ProjectionExpression": PROJECTION}
        ]

    def test_connects_before_anybody_waits_for_it(self) -> None:
        connecting = Connect(FakeClient())
        read_through(connecting, FakeLinks(), Clock())
        assert connecting.attempts == 1

    @pytest.mark.parametrize("answer", [{}, {"Item": None}, {"Item": {"id": {"S": "abc1234"}}}])
    @pytest.mark.parametrize("link", [None, make_link()])
    def test_only_the_table_says_that_there_is_no_link(
        self, answer: Mapping[str, Any], link: Link | None
    ) -> None:
        table = FakeLinks(*[link] if link else [])
        assert read_through(Connect(FakeClient(answer)), table, Clock()).get("abc1234") == link
        assert table.asked == ["abc1234"]

    @pytest.mark.parametrize("error", [TimeoutError(), OSError("reset"), ValueError("odd answer")])
    def test_a_cluster_that_failed_is_left_alone_for_a_while(
        self, error: Exception, capsys: pytest.CaptureFixture[str]
    ) -> None:
        client, table, clock = FakeClient(error, KNOWN), FakeLinks(make_link()), Clock()
        links = read_through(Connect(client), table, clock)
        assert links.get("abc1234") == make_link()
        assert '"message": "cluster left alone"' in capsys.readouterr().out
        clock.now += REST_SECONDS - 0.001
        assert links.get("abc1234") == make_link()
        assert (len(client.asked), len(table.asked)) == (1, 2)
        clock.now += 0.001
        assert links.get("abc1234") == make_link()
        assert (len(client.asked), len(table.asked)) == (2, 2)

    def test_a_cluster_that_was_not_there_at_first_is_used_once_it_is(self) -> None:
        connecting, table, clock = Connect(None), FakeLinks(make_link()), Clock()
        links = read_through(connecting, table, clock)
        assert links.get("abc1234") == make_link()
        assert (connecting.attempts, table.asked) == (1, ["abc1234"])
        connecting.client = FakeClient(KNOWN)
        clock.now += REST_SECONDS
        assert links.get("abc1234") == make_link()
        assert (connecting.attempts, table.asked) == (2, ["abc1234"])

    def test_a_clock_that_is_set_back_does_not_prolong_the_rest(self) -> None:
        client, clock = FakeClient(OSError(), KNOWN), Clock()
        links = read_through(Connect(client), FakeLinks(), clock)
        assert links.get("abc1234") is None
        clock.now -= 3600
        assert links.get("abc1234") == make_link()

    def test_neither_answers(self) -> None:
        links = read_through(Connect(None), FakeLinks(down=True), Clock())
        with pytest.raises(UnavailableError):
            links.get("abc1234")
