"""The command line against the running product: as people type it, and as scripts run it."""

import fcntl
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.command_line import HOPCOUNT, CommandLine, Terminal
from tests.support.ops import operator_environment
from tests.support.people import (
    Cognito,
    Creator,
    Tokens,
    Visitor,
    new_email,
    new_password,
    one_time_code,
    sign_in,
    sign_in_on_page,
)
from tests.support.poll import until
from tests.support.stack import Stack

CALLBACK = "http://localhost:8765/callback"


class Person(CommandLine):
    """Somebody with an account of their own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        super().__init__(stack, folder)
        self.cognito = Cognito(stack)
        self.email, self.password = new_email(), new_password()
        self.file = folder / "credentials.json"

    def sign_up(self) -> "Person":
        self.cognito.sign_up(self.email, self.password).raise_for_status()
        self.cognito.confirm(self.email, self.cognito.mailed_code(self.email)).raise_for_status()
        return self

    def login(self) -> "Person":
        self.done("login", "--email", self.email, HOPCOUNT_PASSWORD=self.password)
        return self

    def tokens(self) -> Tokens:
        return sign_in(self.cognito, self.email, self.password)

    def change(self, **changes: Any) -> None:
        """Tamper with what is remembered."""
        content = json.loads(self.file.read_text())
        content["accounts"][self.stack.base_url] |= changes
        self.file.write_text(json.dumps(content))


@pytest.fixture(scope="module")
def person(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody who is signed in."""
    return Person(stack, tmp_path_factory.mktemp("person") / "config").sign_up().login()


@pytest.fixture
def stranger_to_it(stack: Stack, tmp_path: Path) -> Person:
    """Somebody who has no account yet."""
    return Person(stack, tmp_path / "config")


@pytest.fixture
def callback_port() -> Iterator[None]:
    """The port that browsers come back to: there is one, and cli/tests may run beside this."""
    with (Path(tempfile.gettempdir()) / "hopcount-callback-port.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        with pytest.raises(httpx.ConnectError):  # nobody listens in the end
            httpx.get(CALLBACK)


@pytest.fixture
def link(person: Person) -> dict[str, Any]:
    made: dict[str, Any] = person.json("shorten", "https://example.com/cli")
    return made


class TestSignIn:
    def test_somebody_new_signs_up_in_a_terminal(self, stranger_to_it: Person) -> None:
        new = stranger_to_it
        terminal = new.terminal("signup")
        terminal.answer("E-mail:", new.email)
        terminal.answer("Password:", new.password)
        terminal.answer("Repeat for confirmation:", new.password)
        terminal.child.expect_exact("Code (empty: mail another):")
        terminal.child.sendline(new.cognito.mailed_code(new.email))
        seen = terminal.done()
        assert new.password not in seen
        assert new.json("whoami")["email"] == new.email
        assert (new.file.stat().st_mode & 0o777, new.file.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    def test_a_wrong_password_is_refused(self, person: Person) -> None:
        arguments = ("login", "--email", person.email)
        told = person.refused(3, *arguments, HOPCOUNT_PASSWORD="Wrong-horse-1!")
        assert told == "hopcount: wrong address or password\n"

    def test_a_second_factor_is_asked_for(self, stack: Stack, stranger_to_it: Person) -> None:
        person = stranger_to_it.sign_up()
        secret = choose_second_factor(stack, person.tokens().access_token)
        terminal = person.terminal("login")
        terminal.answer("E-mail:", person.email)
        terminal.answer("Password:", person.password)
        terminal.answer("Code of your authenticator:", "000000")
        terminal.child.expect_exact("Code of your authenticator:")
        terminal.child.sendline(one_time_code(secret))
        terminal.done()
        assert person.json("whoami")["email"] == person.email

    def test_who_was_invited_chooses_a_password(self, stack: Stack, stranger_to_it: Person) -> None:
        person = stranger_to_it
        stack.client("cognito-idp").admin_create_user(
            UserPoolId=stack.pool_id,
            Username=person.email,
            TemporaryPassword=person.password,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": person.email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        chosen = new_password()
        terminal = person.terminal("login", "--email", person.email)
        terminal.answer("Password:", person.password)
        terminal.answer("New password:", chosen)
        terminal.answer("Repeat for confirmation:", chosen)
        terminal.done()
        person.done("login", "--email", person.email, HOPCOUNT_PASSWORD=chosen)

    @pytest.mark.usefixtures("callback_port")
    def test_the_browser_brings_the_session(self, stranger_to_it: Person) -> None:
        person = stranger_to_it.sign_up()
        terminal = person.terminal("login", "--browser", COLUMNS="2000")
        terminal.child.expect(r"Sign in at (\S+)\r\n")
        back = sign_in_on_page(terminal.child.match[1], person.email, person.password)
        assert back.startswith(CALLBACK)
        assert "You are signed in" in httpx.get(back).text
        terminal.done()
        assert person.json("whoami")["email"] == person.email

    def test_a_session_is_renewed_until_it_is_revoked(self, stack: Stack, stranger_to_it: Person) -> None:
        person = stranger_to_it.sign_up().login()
        remembered = json.loads(person.file.read_text())["accounts"][stack.base_url]
        person.change(expires_at=0, access_token="stale")
        assert person.json("ls") == {"items": [], "more": False}
        person.change(access_token="stale")
        assert person.json("ls") == {"items": [], "more": False}, "renewed once on a 401"
        person.change(expires_at=0, refresh_token="revoked")
        assert "your session is over: hopcount login" in person.refused(3, "ls")
        person.change(refresh_token=remembered["refresh_token"])
        person.done("logout")
        assert "not signed in" in person.refused(3, "ls")
        renewal = person.cognito.call(
            "InitiateAuth",
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": remembered["refresh_token"]},
        )
        assert renewal.status_code == 400, "the refresh token was revoked"


class TestLinks:
    def test_a_link_lives_and_dies_in_a_pipe(self, person: Person, visitor: Visitor) -> None:
        short = person.done(
            "shorten", "https://example.com/life", "--expires", "7d", "--status", "302"
        ).strip()
        code = short.rpartition("/")[2]
        assert visitor.follow(code).status_code == 302
        assert short in person.done("ls", "example.com/life")
        person.done("edit", short, "--target", "https://example.com/other", "--expires", "never")
        (shown,) = person.json("ls", "example.com/other")["items"]
        assert (shown["id"], shown["expiresAt"]) == (code, None)
        assert person.done("open", code).strip() == short
        assert person.done("rm", code) == f"{code}\n"
        person.refused(2, "rm", code)
        assert [item["id"] for item in person.json("ls", "--deleted")["items"]] == [code]
        assert person.done("restore", code).strip() == short
        until(lambda: visitor.follow(code).status_code, lambda status: status == 302)

    def test_several_are_made_at_once(self, person: Person) -> None:
        ran = person.run("shorten", "https://a.example/", "nonsense", "https://b.example/")
        assert ran.returncode == 1
        assert len(ran.stdout.split()) == 2
        assert "nonsense" in ran.stderr

    def test_a_refusal_names_the_field(self, person: Person, link: dict[str, Any]) -> None:
        assert "originalUrl" in person.refused(2, "shorten", "ftp://example.com/")
        told = person.refused(2, "shorten", "https://example.com/", "--alias", link["id"])
        assert "hopcount: " in told

    def test_a_terminal_shows_tables_and_asks(self, person: Person, link: dict[str, Any]) -> None:
        assert "Short URL" in person.terminal("shorten", "https://example.com/tty").done()
        assert link["shortUrl"] in person.terminal("ls", "-n", "100").done()
        terminal = person.terminal("rm", link["id"])
        terminal.answer("[y/N]:", "y")
        assert link["id"] in terminal.done()
        assert link["id"] in person.terminal("ls", "--deleted", NO_COLOR="1").done()

    def test_a_spreadsheet_gets_csv(self, person: Person, link: dict[str, Any]) -> None:
        heading, *rows = person.done("ls", "--csv", "--all").splitlines()
        assert heading.startswith("id,shortUrl,originalUrl,clicks")
        assert any(row.startswith(link["id"]) for row in rows)

    def test_its_qr_code_is_drawn_and_written(
        self, person: Person, link: dict[str, Any], tmp_path: Path
    ) -> None:
        assert "▄" in person.terminal("qr", link["id"]).done()
        for name, magic in (("qr.svg", b"<?xml"), ("qr.png", b"\x89PNG")):
            person.done("qr", link["shortUrl"], "-o", str(tmp_path / name))
            assert (tmp_path / name).read_bytes().startswith(magic)

    def test_clicks_show_in_the_statistics(
        self, person: Person, link: dict[str, Any], visitor: Visitor
    ) -> None:
        for _ in range(3):
            assert visitor.follow(link["id"]).status_code == 301
        creator = Creator(person.stack, person.tokens(), person.email)
        until(lambda: creator.stats(link["id"])["clicks"], lambda clicks: clicks == 3)
        assert person.json("stats", link["id"])["clicks"] == 3
        seen = person.terminal("stats", link["id"]).done()
        assert "█ people" in seen
        assert "Country" in seen
        *_, today = person.done("stats", link["id"], "--from", "7d").splitlines()
        assert today.split("\t")[1:] == ["3", "0"]
        assert person.done("stats", link["id"], "--csv").startswith("date,clicks,botClicks\n")
        assert person.json("stats", "--interval", "hour", "--tz", "Asia/Tokyo", "--from", "1d")["links"] > 0


class TestEachCommandInATerminal:
    @pytest.mark.parametrize(
        ("command", "shown"),
        [
            ("whoami", "@"),
            ("shorten https://example.com/terminal", "example.com/terminal"),
            ("ls", "example.com"),
            ("open {code}", "{code}"),
            ("stats {code}", "machines"),
            ("edit {code} --target https://example.com/changed", "example.com/changed"),
            ("qr {code}", "\u2588"),
            ("token ls", "name"),
            ("export", '"id": "{code}"'),
            ("import {folder}/list.csv --dry-run", "1 link can be made"),
            ("rm {code} --yes", "{code}"),
            ("restore {code}", "{code}"),
        ],
        ids=lambda text: text.split()[0],
    )
    def test_it_says_something(
        self, person: Person, link: dict[str, Any], tmp_path: Path, command: str, shown: str
    ) -> None:
        (tmp_path / "list.csv").write_text("url,alias\nhttps://example.com/listed,listed-one\n")
        places = {"code": link["id"], "folder": tmp_path}
        if command.startswith("restore"):
            person.done("rm", link["id"], "--yes")
        seen = person.terminal(*command.format(**places).split()).done()
        assert shown.replace("{code}", link["id"]).lower() in seen.lower(), seen

    @pytest.mark.parametrize(("command", "shown"), [("status", "folds"), ("verify --link {code}", "drift")])
    def test_so_do_operators_commands(
        self, stack: Stack, link: dict[str, Any], command: str, shown: str
    ) -> None:
        terminal = Terminal(
            ("ops", *command.replace("{code}", link["id"]).split()), operator_environment(stack)
        )
        code, seen = terminal.end()
        assert code in {0, 1}, seen
        assert shown in seen.lower(), seen


class TestMachines:
    def test_a_token_works_until_it_is_revoked(self, person: Person, stranger_to_it: Person) -> None:
        made = person.json("token", "create", "ci", "--scope", "links:write", "--expires", "1d")
        machine = {"HOPCOUNT_TOKEN": made["token"]}
        assert stranger_to_it.done("shorten", "https://example.com/ci", **machine).startswith("http")
        assert "scope" in stranger_to_it.refused(2, "ls", **machine)
        assert made["id"] in person.done("token", "ls")
        person.done("token", "rm", made["id"])
        assert made["id"] not in person.done("token", "ls")
        assert "refused" in stranger_to_it.refused(3, "ls", HOPCOUNT_TOKEN="hc_nobody")


class TestTrouble:
    def test_nobody_is_signed_in(self, stranger_to_it: Person) -> None:
        assert "hopcount login" in stranger_to_it.refused(3, "ls")

    def test_nothing_answers(self, person: Person) -> None:
        person.refused(4, "login", "--url", "http://127.0.0.1:1", "--email", "a@example.com")

    @pytest.mark.usefixtures("callback_port")
    def test_ctrl_c_ends_it_at_once(self, person: Person, stranger_to_it: Person) -> None:
        asking = person.terminal("login")
        asking.child.expect_exact("E-mail:")
        waiting = stranger_to_it.terminal("login", "--browser")
        waiting.child.expect_exact("Sign in at")
        for terminal in (asking, waiting):
            terminal.child.sendintr()
            code, seen = terminal.end()
            assert code == 130
            assert "Traceback" not in seen

    def test_a_reader_who_has_seen_enough_is_no_trouble(self, person: Person) -> None:
        ran = subprocess.run(
            ["sh", "-c", f"{HOPCOUNT} ls --json --all | head -c 1"],
            env=person.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "{", "")


def choose_second_factor(stack: Stack, token: str) -> str:
    """Set an authenticator up; return its secret."""
    cognito = stack.client("cognito-idp")
    secret: str = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=one_time_code(secret))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret
