"""The proof of a password, against an independent client of the same protocol."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP, calculate_u, get_random, hex_to_long

from hopcount_cli.srp import N, Srp, SrpError, timestamp

POOL = "eu-west-1_AbCdEf123"
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1))  # noqa: DTZ001


class Independent(AWSSRP):
    """Its key and its answers, without a network."""

    def __init__(self, user: str, password: str, secret: int) -> None:
        super().__init__(user, password, POOL, "client", client=object())
        self.small_a_value = secret
        self.large_a_value = self.calculate_a()


def challenge(user: str, big_b: int, salt: int, block: bytes) -> dict[str, str]:
    return {
        "USERNAME": user,
        "USER_ID_FOR_SRP": user,
        "SRP_B": format(big_b, "x"),
        "SALT": format(salt, "x"),
        "SECRET_BLOCK": base64.b64encode(block).decode(),
    }


@settings(deadline=None, max_examples=8)
@given(
    user=texts,
    password=texts,
    secret=st.integers(1 << 128, 1 << 1024),
    big_b=st.integers(1, N - 1),
    salt=st.integers(1 << 120, (1 << 128) - 1),
    block=st.binary(min_size=1, max_size=200),
    moment=moments,
)
def test_it_is_what_an_independent_client_says(
    user: str, password: str, secret: int, big_b: int, salt: int, block: bytes, moment: datetime
) -> None:
    now = moment.replace(tzinfo=UTC)
    theirs, ours = Independent(user, password, secret), Srp(POOL, secret)
    assert ours.opening(user) == {"USERNAME": user, "SRP_A": format(theirs.large_a_value, "x")}
    asked = challenge(user, big_b, salt, block)
    expected = theirs.get_password_authentication_key(user, password, big_b, asked["SALT"])
    assert ours.key(user, password, big_b, salt) == expected
    theirs.get_cognito_formatted_timestamp = lambda _: timestamp(now)
    answer = theirs.process_challenge(asked, {"USERNAME": user})
    assert ours.answer(asked, password, now) == answer


@given(moments)
def test_times_are_written_as_the_independent_client_writes_them(moment: datetime) -> None:
    assert timestamp(moment.replace(tzinfo=UTC)) == AWSSRP.get_cognito_formatted_timestamp(moment)


def test_the_secret_is_fresh_and_large() -> None:
    opened = {Srp(POOL).opening("ada")["SRP_A"] for _ in range(5)}
    assert len(opened) == 5
    assert calculate_u(hex_to_long(opened.pop()), get_random(128)) > 0


@pytest.mark.parametrize("big_b", [0, N, 2 * N])
def test_a_forged_challenge_gives_nothing_away(big_b: int) -> None:
    with pytest.raises(SrpError, match="forged"):
        Srp(POOL).answer(challenge("ada", big_b, 1, b"x"), "secret", datetime.now(UTC))


@pytest.mark.parametrize("broken", [{}, {"SRP_B": "zz"}, {"SALT": ""}, {"SECRET_BLOCK": "%"}])
def test_what_is_no_challenge_is_refused(broken: dict[str, str]) -> None:
    asked = {**challenge("ada", 5, 1, b"x"), **broken} if broken else {}
    with pytest.raises(SrpError, match="cannot be read"):
        Srp(POOL).answer(asked, "secret", datetime.now(UTC))
