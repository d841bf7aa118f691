"""The authorization code flow: what is sent out, and what is believed on coming back."""

from urllib.parse import parse_qs, urlsplit

from hopcount_cli import pkce


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    found = pkce.Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "state")
    assert found.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_each_one_is_new_and_long_enough() -> None:
    one, two = pkce.Pkce.new(), pkce.Pkce.new()
    assert one.verifier != two.verifier
    assert one.state != two.state
    assert 43 <= len(one.verifier) <= 128


def test_only_who_was_sent_from_here_is_believed() -> None:
    one = pkce.Pkce.new()
    assert one.sent(one.state)
    assert not any(map(one.sent, ("", "other", "\u00e4", one.state + "x")))


def test_the_page_is_told_everything_but_the_verifier() -> None:
    one = pkce.Pkce.new()
    url = pkce.authorize_url(
        "https://login.example", "client", "https://a.example/cb", one, provider="Google"
    )
    asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert asked == {
        "response_type": "code",
        "client_id": "client",
        "redirect_uri": "https://a.example/cb",
        "scope": "openid email profile",
        "state": one.state,
        "code_challenge_method": "S256",
        "code_challenge": one.challenge,
        "identity_provider": "Google",
    }
    assert one.verifier not in url


def test_half_an_answer_is_no_sign_in() -> None:
    assert pkce.read_tokens({"access_token": "a", "id_token": "i"}) is None
    whole = {"access_token": "a", "id_token": "i", "refresh_token": "r", "expires_in": 3600}
    expected = {"AccessToken": "a", "IdToken": "i", "RefreshToken": "r", "ExpiresIn": 3600}
    assert pkce.read_tokens(whole) == expected
