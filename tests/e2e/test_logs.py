"""No token, no password and no address in any log: neither the functions' nor those of the machine."""

from collections.abc import Iterator
from pathlib import Path

from tests.support.people import Cognito, Creator, Visitor, new_email, new_password, sign_in
from tests.support.poll import until
from tests.support.stack import ROOT, Stack

VIEWER = "203.0.113.77"  # an address that nothing else here has (RFC 5737)


def test_no_secret_and_no_address_is_logged(stack: Stack) -> None:
    cognito, email, password = Cognito(stack), new_email(), new_password()
    cognito.sign_up(email, password).raise_for_status()
    cognito.confirm(email, "000000")
    cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
    cognito.sign_in(email, f"{password}-wrong")
    tokens = sign_in(cognito, email, password)
    creator = Creator(stack, tokens, email)
    code = creator.create()["id"]
    for header in ("X-Forwarded-For", "CloudFront-Viewer-Address", "X-Real-IP"):
        Visitor(stack).follow(code, **{header: VIEWER})
    body = {"name": "e2e", "scopes": ["links:read"]}
    api_token = creator.http.post("/users/me/tokens", json=body).json()["token"]
    for headers in ({"X-Api-Key": api_token}, {"X-Api-Key": f"{api_token}x"}, {"X-Api-Key": api_token[:-1]}):
        creator.http.get("/v1/urls", headers={**headers, "Authorization": f"Bearer {headers['X-Api-Key']}"})
    creator.http.post("/urls", json={"originalUrl": "nope"})
    creator.http.post("/urls", content=b"{", headers={"Content-Type": "application/json"})
    until(lambda: creator.link(code)["clicks"], lambda clicks: clicks == 3)
    creator.http.delete(f"/urls/{code}")
    until(creator.me, lambda me: me["totalLinks"] == 0)

    secrets = {
        "password": password,
        "id token": tokens.id_token,
        "access token": tokens.access_token,
        "signature of a token": tokens.access_token.rsplit(".", 1)[1],
        "refresh token": tokens.refresh_token,
        "secret of an API token": api_token.rpartition("_")[2][:-1],
        "email": email,
        "viewer's address": VIEWER,
    }
    read = 0
    for name, text in every_log(stack):
        read += len(text)
        for what, secret in secrets.items():
            assert secret not in text, f"the {what} stands in {name}"
    assert read > 10_000, "there were hardly any logs to look into"


def every_log(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield each log of the functions, of the API, and of the local processes, with its text."""
    logs = stack.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            yield name, "\n".join(event["message"] for found in events for event in found["events"])
    files: list[Path] = sorted((ROOT / ".local" / "logs").rglob("*"))
    for path in files:
        if path.is_file():
            yield str(path.relative_to(ROOT)), path.read_text(errors="replace")
