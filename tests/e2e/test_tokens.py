"""Missing, forged, expired and foreign tokens are refused on every route that needs one."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.support.people import Creator
from tests.support.stack import ROOT, Stack

PROTECTED = (
    ("GET", "/urls"),
    ("POST", "/urls"),
    ("GET", "/urls/abc"),
    ("PATCH", "/urls/abc"),
    ("DELETE", "/urls/abc"),
    ("POST", "/urls/abc/restore"),
    ("GET", "/stats/abc"),
    ("GET", "/users/me"),
    ("DELETE", "/users/me"),
    ("POST", "/users/me/tokens"),
)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed_by_the_pool(stack: Stack, claims: dict[str, Any]) -> str:
    """Sign claims with the key that the local pool signs access tokens with.

    Only the local AWS has this key in a file: it is how an expired token is made without waiting for one.
    """
    keys = ROOT / ".local" / "state" / "cognito-pool-keys"
    key: Path = keys / f"{stack.pool_id}-access.pem"
    client = stack.client("cognito-idp")
    jwks = httpx.get(f"{stack.outputs['awsEndpointUrl']}/{stack.pool_id}/.well-known/jwks.json").json()
    assert client.describe_user_pool(UserPoolId=stack.pool_id)
    public = jwt.PyJWK.from_dict
    pem = key.read_bytes()
    for jwk in jwks["keys"]:
        token = jwt.encode(claims, pem, algorithm="RS256", headers={"kid": jwk["kid"]})
        try:
            jwt.decode(
                token,
                public(jwk).key,
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False},
            )
        except jwt.InvalidSignatureError:
            continue
        return token
    raise AssertionError(f"no published key belongs to {key}")


@pytest.fixture(scope="module")
def forged_ones(stack: Stack, creator: Creator) -> dict[str, str]:
    """Tokens that must be refused, by what is wrong with them."""
    good = creator.tokens.access_token
    claims = claims_of(good)
    header, payload, signature = good.split(".")
    other_pool = stack.client("cognito-idp").create_user_pool(PoolName="foreign")["UserPool"]["Id"]
    return {
        "empty": "",
        "not a token": "not-a-token",
        "no signature": f"{header}.{payload}.",
        "altered signature": f"{header}.{payload}.{signature[::-1]}",
        "algorithm none": jwt.encode(claims, "", algorithm="none"),
        "own secret": jwt.encode(claims, "a secret of thirty-two characters", algorithm="HS256"),
        "expired": signed_by_the_pool(stack, {**claims, "exp": int(time.time()) - 60}),
        "another client": signed_by_the_pool(stack, {**claims, "client_id": "another-client"}),
        "another pool": signed_by_the_pool(
            stack, {**claims, "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{other_pool}"}
        ),
    }


def test_the_key_used_to_forge_is_the_pools_own(stack: Stack, creator: Creator) -> None:
    renewed = signed_by_the_pool(
        stack, {**claims_of(creator.tokens.access_token), "exp": int(time.time()) + 600}
    )
    answer = httpx.get(f"{stack.base_url}/users/me", headers={"Authorization": f"Bearer {renewed}"})
    assert answer.status_code == 200, "an expired token would be refused for another reason than its age"


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_no_token_is_refused(stack: Stack, method: str, path: str) -> None:
    assert httpx.request(method, f"{stack.base_url}{path}").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        "empty",
        "not a token",
        "no signature",
        "altered signature",
        "algorithm none",
        "own secret",
        "expired",
        "another client",
        "another pool",
    ],
)
def test_a_token_that_is_not_ours_is_refused(stack: Stack, forged_ones: dict[str, str], wrong: str) -> None:
    for method, path in PROTECTED:
        # Built by hand: httpx would strip the blank after an empty token.
        answer = httpx.request(
            method,
            f"{stack.base_url}{path}",
            headers={"Authorization": f"Bearer {forged_ones[wrong]}".strip()},
        )
        assert answer.status_code == 401, f"{method} {path} with {wrong}: {answer.text}"


def test_id_and_access_tokens_are_both_accepted(stack: Stack, creator: Creator) -> None:
    for token in (creator.tokens.id_token, creator.tokens.access_token):
        answer = httpx.get(f"{stack.base_url}/users/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        assert answer.json()["email"] == creator.email


def test_the_refusal_says_nothing_but_no(stack: Stack) -> None:
    answer = httpx.get(f"{stack.base_url}/users/me")
    assert json.loads(answer.text) == {"message": "Unauthorized"}
