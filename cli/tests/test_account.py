"""Signing up, in and out, and what is remembered."""

import fcntl
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cli.tests.creator import Creator
from cli.tests.service import CODE, EMAIL, PASSWORD, USER_ID, Service, User

from hopcount_cli import browser
from hopcount_cli.credentials import Store
from hopcount_cli.pkce import Pkce

NEW = "new@example.com"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestLogin:
    def test_a_password_is_proved_and_never_sent(self, somebody: Creator) -> None:
        arguments = ("login", "--url", somebody.service.url, "--email", EMAIL)
        assert somebody.json(*arguments, HOPCOUNT_PASSWORD=PASSWORD) == {
            "url": somebody.service.url,
            "email": EMAIL,
            "userId": USER_ID,
        }
        assert PASSWORD not in str(somebody.service.requests)

    def test_what_is_remembered_is_private(self, creator: Creator) -> None:
        assert (mode(creator.file), mode(creator.folder)) == (0o600, 0o700)
        assert PASSWORD not in creator.file.read_text()
        creator.folder.chmod(0o755)
        creator.sign_in()
        assert (mode(creator.file), mode(creator.folder)) == (0o600, 0o700)

    def test_several_deployments_are_remembered_and_the_last_one_is_used(
        self, creator: Creator, tmp_path: Path
    ) -> None:
        first, second = creator.service, Service()
        try:
            creator.service = second
            creator.sign_in()
            assert creator.json("whoami")["url"] == second.url
            assert creator.json("whoami", HOPCOUNT_URL=first.url)["url"] == first.url
            assert creator.json("--url", first.url, "whoami", HOPCOUNT_URL=second.url)["url"] == first.url
            creator.done("logout")
            assert creator.json("whoami")["url"] == first.url
        finally:
            second.close()

    @pytest.mark.parametrize("password", ["Wrong-horse-1", ""])
    def test_a_wrong_password_is_told_in_a_line(self, somebody: Creator, password: str) -> None:
        somebody.service.cognito.users[EMAIL].password = PASSWORD
        result = somebody.run(
            "login", "--url", somebody.service.url, "--email", EMAIL, HOPCOUNT_PASSWORD=password or "x"
        )
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == "hopcount: wrong address or password\n"
        assert not somebody.file.exists()

    def test_somebody_unknown_is_told_the_same(self, somebody: Creator) -> None:
        result = somebody.run(
            "login", "--url", somebody.service.url, "--email", NEW, HOPCOUNT_PASSWORD=PASSWORD
        )
        assert (result.exit_code, result.stderr) == (3, "hopcount: wrong address or password\n")

    def test_a_second_factor_is_asked_for(self, somebody: Creator) -> None:
        somebody.service.cognito.users[EMAIL].one_time_code = "654321"
        terminal = somebody.terminal("login", "--url", somebody.service.url)
        terminal.answer("E-mail:", EMAIL)
        terminal.answer("Password:", PASSWORD)
        terminal.answer("authenticator:", "000000")
        terminal.answer("authenticator:", "654321")
        code, seen = terminal.end()
        assert code == 0, seen
        assert PASSWORD not in seen
        assert somebody.json("whoami")["email"] == EMAIL

    def test_a_second_factor_may_be_given(self, somebody: Creator) -> None:
        somebody.service.cognito.users[EMAIL].one_time_code = "654321"
        arguments = ("login", "--url", somebody.service.url, "--email", EMAIL)
        somebody.done(*arguments, "--code", "654321", HOPCOUNT_PASSWORD=PASSWORD)
        wrong = somebody.run(*arguments, "--code", "000000", HOPCOUNT_PASSWORD=PASSWORD)
        assert wrong.exit_code == 2
        assert "there is no terminal to ask in: say --code" in wrong.stderr

    def test_who_was_invited_chooses_a_password(self, somebody: Creator) -> None:
        somebody.service.cognito.users[EMAIL].must_change = True
        terminal = somebody.terminal("login", "--url", somebody.service.url, "--email", EMAIL)
        terminal.answer("Password:", PASSWORD)
        terminal.answer("New password:", "Another-horse-2")
        terminal.answer("Repeat for confirmation:", "Another-horse-2")
        code, seen = terminal.end()
        assert code == 0, seen
        assert somebody.service.cognito.users[EMAIL].password == "Another-horse-2"

    def test_what_is_missing_is_named_where_nobody_can_be_asked(self, somebody: Creator) -> None:
        url = somebody.service.url
        for arguments, missing in [
            (("login",), "say which Hopcount"),
            (("login", "--url", url), "say --email"),
            (("login", "--url", url, "--email", EMAIL), "set HOPCOUNT_PASSWORD"),
        ]:
            result = somebody.run(*arguments)
            assert (result.exit_code, result.stdout) == (2, "")
            assert missing in result.stderr

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            ("http://go.example.com", "in the clear"),
            ("ftp://go.example.com", "no address"),
            ("https://user:pw@go.example.com", "no address"),
            ("https://", "no address"),
        ],
    )
    def test_an_address_that_cannot_be_one_is_refused(
        self, somebody: Creator, url: str, problem: str
    ) -> None:
        result = somebody.run("login", "--url", url)
        assert result.exit_code == 2
        assert problem in result.stderr

    def test_a_page_that_is_no_hopcount_is_named(self, somebody: Creator) -> None:
        result = somebody.run("login", "--url", f"{somebody.service.url}/cognito")
        assert result.exit_code == 2
        assert "there is no Hopcount at" in result.stderr

    def test_a_service_that_is_away_is_told_in_a_line(self, somebody: Creator) -> None:
        result = somebody.run("login", "--url", "http://127.0.0.1:1")
        assert result.exit_code == 4
        assert result.stderr.startswith("hopcount: http://127.0.0.1:1 cannot be reached")


@pytest.fixture
def callback_port() -> Iterator[None]:
    """The port that browsers come back to: there is one, and tests/e2e may run beside this."""
    with (Path(tempfile.gettempdir()) / "hopcount-callback-port.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("callback_port")
class TestBrowser:
    def test_the_code_comes_back_to_the_terminal(self, somebody: Creator) -> None:
        def visit(page: str) -> None:
            back = httpx.get(page).headers["Location"]
            stranger = httpx.get(f"{browser.REDIRECT}?code=x&state=guessed")
            assert stranger.status_code == 400
            assert "signed in" in httpx.get(back).text

        terminal = somebody.terminal(
            "login", "--browser", "--url", somebody.service.url, BROWSER="/bin/true", COLUMNS="1000"
        )
        terminal.child.expect(r"Sign in at (\S+)\r\n")
        page = terminal.child.match[1]
        asked = {name: value for name, (value,) in parse_qs(urlsplit(page).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == "http://localhost:8765/callback"
        visit(page)
        code, seen = terminal.end()
        assert code == 0, seen
        assert somebody.json("whoami")["email"] == EMAIL

    def test_a_refusal_is_told(self) -> None:
        callback = browser.Callback(Pkce("verifier", "s"))
        status, _ = callback.take("/callback?state=s&error=access_denied&error_description=not%20today")
        assert (status, callback.refusal, callback.is_over) == (200, "not today", True)
        assert callback.take("/favicon.ico")[0] == 404

    def test_ctrl_c_ends_the_wait(self, somebody: Creator) -> None:
        terminal = somebody.terminal("login", "--browser", "--url", somebody.service.url, BROWSER="/bin/true")
        terminal.child.expect("Sign in at")
        terminal.child.sendintr()
        code, seen = terminal.end()
        assert code == 130
        assert "Traceback" not in seen


class TestSignUp:
    def test_it_asks_confirms_and_signs_in(self, somebody: Creator) -> None:
        terminal = somebody.terminal("signup", "--url", somebody.service.url)
        terminal.answer("E-mail:", NEW)
        terminal.answer("Password:", PASSWORD)
        terminal.answer("Repeat for confirmation:", PASSWORD)
        terminal.answer("Code (empty: mail another):", "000000")
        terminal.answer("Code (empty: mail another):", "")
        terminal.answer("Code (empty: mail another):", CODE)
        code, seen = terminal.end()
        assert code == 0, seen
        assert PASSWORD not in seen
        assert "ResendConfirmationCode" in somebody.service.cognito.calls
        assert somebody.remembered()["email"] == NEW

    def test_it_goes_in_two_steps_without_a_terminal(self, somebody: Creator) -> None:
        arguments = ("signup", "--url", somebody.service.url, "--email", NEW)
        begun = somebody.run(*arguments, HOPCOUNT_PASSWORD=PASSWORD)
        assert begun.exit_code == 0
        assert f"hopcount signup --email {NEW} --code CODE" in begun.stderr
        early = somebody.run(
            "login", "--url", somebody.service.url, "--email", NEW, HOPCOUNT_PASSWORD=PASSWORD
        )
        assert early.exit_code == 3
        assert "not confirmed yet" in early.stderr
        assert somebody.run(*arguments, "--code", "000000", HOPCOUNT_PASSWORD=PASSWORD).exit_code == 2
        somebody.done(*arguments, "--code", CODE, HOPCOUNT_PASSWORD=PASSWORD)
        assert somebody.remembered()["email"] == NEW

    @pytest.mark.parametrize(
        ("email", "password", "is_open", "problem"),
        [
            (EMAIL, PASSWORD, True, "there is an account"),
            (NEW, "short", True, "Password not long enough"),
            (NEW, PASSWORD, False, "by invitation only"),
        ],
    )
    def test_a_refusal_is_told_in_a_line(
        self, somebody: Creator, email: str, password: str, is_open: bool, problem: str
    ) -> None:
        somebody.service.cognito.open_sign_up = is_open
        result = somebody.run(
            "signup", "--url", somebody.service.url, "--email", email, HOPCOUNT_PASSWORD=password
        )
        assert (result.exit_code, result.stdout) == (2, "")
        assert problem in result.stderr
        assert len(result.stderr.splitlines()) == 1


class TestSession:
    def test_it_is_renewed_before_it_ends(self, creator: Creator) -> None:
        before = creator.remembered()
        creator.change(expires_at=time.time() + 30)
        creator.done("whoami")
        after = creator.remembered()
        assert after["access_token"] != before["access_token"]
        assert after["refresh_token"] == before["refresh_token"]
        assert [r.headers["authorization"] for r in creator.service.asked("GET", "/users/me")] == [
            f"Bearer {after['access_token']}"
        ]

    def test_it_is_renewed_once_where_the_service_refuses_it(self, creator: Creator) -> None:
        creator.service.cognito.access.clear()
        creator.done("whoami")
        assert len(creator.service.asked("GET", "/users/me")) == 2

    def test_where_a_new_token_is_refused_too_it_is_over(self, creator: Creator) -> None:
        creator.service.answers["GET", "/users/me"] = (401, {"message": "Unauthorized"}, {})
        result = creator.run("whoami")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "hopcount login" in result.stderr
        assert len(creator.service.asked("GET", "/users/me")) == 2

    @pytest.mark.parametrize("expires_in", [-1, 3600])
    def test_a_session_that_was_revoked_is_over(self, creator: Creator, expires_in: int) -> None:
        creator.service.cognito.access.clear()
        creator.service.cognito.refresh.clear()
        creator.change(expires_at=time.time() + expires_in)
        result = creator.run("ls")
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == "hopcount: your session is over: hopcount login\n"

    def test_processes_side_by_side_renew_it_once(self, creator: Creator) -> None:
        creator.change(expires_at=0)
        terminals = [creator.terminal("whoami", "--json") for _ in range(4)]
        assert [terminal.end()[0] for terminal in terminals] == [0] * 4
        assert creator.service.cognito.calls.count("InitiateAuth") == 1

    def test_writers_side_by_side_lose_nothing(self, creator: Creator) -> None:
        store = Store(creator.folder)
        account = store.get(creator.service.url)
        assert account is not None
        accounts = [replace(account, base_url=f"https://{n}.example.com") for n in range(20)]
        threads = [threading.Thread(target=Store(creator.folder).put, args=(one,)) for one in accounts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [store.get(one.base_url) for one in accounts] == accounts
        assert {path.name for path in creator.folder.iterdir()} == {
            "credentials.json",
            "credentials.json.lock",
        }

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 9, "accounts": {}}'])
    def test_a_file_that_cannot_be_read_is_named(self, creator: Creator, content: str) -> None:
        creator.file.write_text(content)
        result = creator.run("ls")
        assert (result.exit_code, result.stdout) == (3, "")
        assert f"{creator.file}" in result.stderr
        assert len(result.stderr.splitlines()) == 1

    def test_logout_revokes_and_forgets(self, creator: Creator) -> None:
        token = creator.remembered()["refresh_token"]
        creator.done("logout")
        assert token not in creator.service.cognito.refresh
        assert token not in creator.file.read_text()
        for command in ("logout", "ls"):
            result = creator.run(command, HOPCOUNT_URL=creator.service.url)
            assert result.exit_code == 3
            assert "not signed in" in result.stderr

    def test_logout_forgets_also_where_the_service_is_away(self, creator: Creator) -> None:
        creator.change(cognito_endpoint="http://127.0.0.1:1")
        result = creator.run("logout")
        assert result.exit_code == 4
        assert "Forgotten here" in result.stderr
        assert creator.run("whoami", HOPCOUNT_URL=creator.service.url).exit_code == 3


class TestMachines:
    def test_a_token_needs_no_login(self, somebody: Creator) -> None:
        machine = {"HOPCOUNT_URL": somebody.service.url, "HOPCOUNT_TOKEN": "hc_good"}
        somebody.done("shorten", "https://example.com/", **machine)
        (request,) = somebody.service.asked("POST", "/v1/urls")
        assert request.headers["authorization"] == "Bearer hc_good"
        assert somebody.json("whoami", **machine)["credentials"] == "token"

    def test_a_token_that_is_refused_is_no_session(self, somebody: Creator) -> None:
        result = somebody.run("ls", HOPCOUNT_URL=somebody.service.url, HOPCOUNT_TOKEN="hc_bad")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "HOPCOUNT_TOKEN is refused" in result.stderr

    @pytest.mark.parametrize("token", ["eyJhbGciOi", "hc_\n1", "hc_é"])
    def test_what_cannot_be_a_token_is_not_sent(self, somebody: Creator, token: str) -> None:
        result = somebody.run("ls", HOPCOUNT_URL=somebody.service.url, HOPCOUNT_TOKEN=token)
        assert result.exit_code == 2
        assert somebody.service.requests == []

    def test_a_scope_that_is_missing_is_a_refusal(self, somebody: Creator) -> None:
        problem = {"type": "urn:hopcount:problem:forbidden", "detail": "lacks the scope stats:read"}
        somebody.service.faults.append((403, problem, {}))
        result = somebody.run("stats", HOPCOUNT_URL=somebody.service.url, HOPCOUNT_TOKEN="hc_good")
        assert (result.exit_code, result.stderr) == (2, "hopcount: lacks the scope stats:read\n")

    def test_tokens_are_made_shown_and_revoked(self, creator: Creator) -> None:
        arguments = ("token", "create", "notes", "--scope", "links:read,links:write", "--expires", "90d")
        assert creator.done(*arguments) == "hc_secret\n"
        ((_, made),) = creator.service.tokens.items()
        assert made["scopes"] == ["links:read", "links:write"]
        assert made["expiresAt"].endswith("Z")
        assert creator.done("token", "ls").split("\t")[:3] == ["t0", "notes", "links:read links:write"]
        assert creator.json("token", "ls")["items"][0]["id"] == "t0"
        assert creator.json("token", "rm", "t0") == {"revoked": "t0"}
        assert creator.run("token", "rm", "t0").exit_code == 2

    @pytest.mark.parametrize("scopes", [(), ("--scope", "everything")])
    def test_a_token_says_what_it_may_do(self, creator: Creator, scopes: tuple[str, ...]) -> None:
        result = creator.run("token", "create", "notes", *scopes)
        assert result.exit_code == 2
        assert "links:read, links:write, stats:read" in result.stderr

    def test_a_token_makes_no_tokens(self, creator: Creator) -> None:
        result = creator.run("token", "ls", HOPCOUNT_TOKEN="hc_good")
        assert result.exit_code == 2
        assert "unset HOPCOUNT_TOKEN" in result.stderr


def test_an_invited_user_is_not_there_twice(somebody: Creator) -> None:
    somebody.service.cognito.users[NEW] = User(PASSWORD, must_change=True)
    result = somebody.run("login", "--url", somebody.service.url, "--email", NEW, HOPCOUNT_PASSWORD=PASSWORD)
    assert result.exit_code == 2
    assert "new password is needed" in result.stderr
