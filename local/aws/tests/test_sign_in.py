"""Signing in, by password proof and with a second factor, and what the API makes of a token."""

import base64
import hmac
import json
import struct
import time
from collections.abc import Callable
from hashlib import sha1
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pycognito.aws_srp import AWSSRP

from tests.behaviours.cognito_triggers import PASSWORD, mailed_code
from tests.emulator import REGION, Emulator, unique

ECHO = """
def handler(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["authorizer"]["jwt"]["claims"]["token_use"]}
"""
EMAIL = "ada@sign-in.example.com"


class Product:
    """A pool with optional MFA, a client, and an API behind the pool's tokens."""

    def __init__(self, aws: Emulator) -> None:
        self.aws = aws
        function = aws.function(ECHO)
        stack = aws.deploy(
            resources(aws.function_arn(function)),
            PoolId={"Ref": "Pool"},
            ClientId={"Ref": "Client"},
            OtherClientId={"Ref": "OtherClient"},
            ApiId={"Ref": "Api"},
        )
        self.pool, self.client, self.api = stack["PoolId"], stack["ClientId"], stack["ApiId"]
        self.other_client = stack["OtherClientId"]
        cognito = aws.client("cognito-idp")
        attributes = [{"Name": "email", "Value": EMAIL}]
        cognito.sign_up(ClientId=self.client, Username=EMAIL, Password=PASSWORD, UserAttributes=attributes)
        code = mailed_code(aws, EMAIL)
        cognito.confirm_sign_up(ClientId=self.client, Username=EMAIL, ConfirmationCode=code)

    def srp(self, password: str = PASSWORD, client_id: str | None = None) -> AWSSRP:
        """Return an independent SRP client."""
        return AWSSRP(
            username=EMAIL,
            password=password,
            pool_id=self.pool,
            client_id=client_id or self.client,
            client=self.aws.client("cognito-idp"),
        )

    def tokens(self, client_id: str | None = None) -> dict[str, str]:
        """Sign in by SRP; return the tokens."""
        answer: dict[str, Any] = self.srp(client_id=client_id).authenticate_user()
        result: dict[str, str] = answer["AuthenticationResult"]
        return result

    def call(self, token: str | None) -> tuple[int, str]:
        """Call the API; return status and body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        status, _, body = self.aws.http("GET", f"/_aws/execute-api/{self.api}/$default/hello", headers)
        return status, body.decode()


def resources(function_arn: str) -> dict[str, Any]:
    api = {"ApiId": {"Ref": "Api"}}
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    issuer = {"Fn::Sub": f"https://cognito-idp.{REGION}.amazonaws.com/${{Pool}}"}
    client = {"UserPoolId": {"Ref": "Pool"}, "GenerateSecret": False, "ExplicitAuthFlows": flows}
    properties: dict[str, tuple[str, dict[str, Any]]] = {
        "Pool": (
            "Cognito::UserPool",
            {
                "UserPoolName": unique("pool"),
                "UsernameAttributes": ["email"],
                "AutoVerifiedAttributes": ["email"],
                "MfaConfiguration": "OPTIONAL",
                "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
                "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}},
            },
        ),
        "Client": ("Cognito::UserPoolClient", {**client, "ClientName": "web"}),
        "OtherClient": ("Cognito::UserPoolClient", {**client, "ClientName": "other"}),
        "Api": ("ApiGatewayV2::Api", {"Name": "api", "ProtocolType": "HTTP"}),
        "Stage": ("ApiGatewayV2::Stage", {**api, "StageName": "$default", "AutoDeploy": True}),
        "Call": (
            "ApiGatewayV2::Integration",
            {
                **api,
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": function_arn,
                "PayloadFormatVersion": "2.0",
            },
        ),
        "Jwt": (
            "ApiGatewayV2::Authorizer",
            {
                **api,
                "Name": "jwt",
                "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": {"Audience": [{"Ref": "Client"}], "Issuer": issuer},
            },
        ),
        "Route": (
            "ApiGatewayV2::Route",
            {
                **api,
                "RouteKey": "GET /hello",
                "AuthorizationType": "JWT",
                "AuthorizerId": {"Ref": "Jwt"},
                "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Call"}]]},
            },
        ),
        "Permission": (
            "Lambda::Permission",
            {
                "FunctionName": function_arn,
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        ),
    }
    return {name: {"Type": f"AWS::{kind}", "Properties": given} for name, (kind, given) in properties.items()}


@pytest.fixture(scope="module")
def product(aws: Emulator) -> Product:
    return Product(aws)


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def decoded(token: str, index: int) -> dict[str, Any]:
    text = token.split(".")[index]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content


def signed(head: dict[str, Any], claims: dict[str, Any], key: rsa.RSAPrivateKey) -> str:
    text = f"{part(head)}.{part(claims)}"
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_a_token_opens_the_api(product: Product, kind: str) -> None:
    use = {"AccessToken": "access", "IdToken": "id"}[kind]
    assert product.call(product.tokens()[kind]) == (200, use)


def own_key(product: Product) -> rsa.RSAPrivateKey:
    """Return the key the pool signs access tokens with, which only a test may reach."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    path = product.aws.state_dir / "cognito-pool-keys" / f"{product.pool}-access.pem"
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def changed(product: Product, **claims: Any) -> str:
    """Return a rightly signed token with other claims."""
    good = product.tokens()["AccessToken"]
    return signed(decoded(good, 0), {**decoded(good, 1), **claims}, own_key(product))


def forged(product: Product) -> str:
    good = product.tokens()["AccessToken"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return signed(decoded(good, 0), decoded(good, 1), key)


def unsigned(product: Product) -> str:
    good = product.tokens()["AccessToken"]
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{good.split('.')[1]}."


BAD_TOKENS: dict[str, Callable[[Product], str | None]] = {
    "missing": lambda product: None,
    "garbage": lambda product: "not-a-token",
    "forged": forged,
    "unsigned": unsigned,
    "expired": lambda product: changed(product, exp=int(time.time()) - 3600),
    "of another issuer": lambda product: changed(product, iss="https://evil.example.com"),
    "of another client": lambda product: product.tokens(product.other_client)["AccessToken"],
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_does_not(product: Product, kind: str) -> None:
    assert product.call(BAD_TOKENS[kind](product))[0] == 401


def test_a_rightly_signed_copy_does(product: Product) -> None:
    """Else the tests above would pass for the wrong reason."""
    assert product.call(changed(product, jti="other"))[0] == 200


def test_a_wrong_password_is_refused_by_srp(product: Product) -> None:
    cognito = product.aws.client("cognito-idp")
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        product.srp("Wrong-horse-1").authenticate_user(client=cognito)


def one_time_code(secret: str) -> str:
    """Return the RFC 6238 code of this half minute."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, sha1).digest()
    start = digest[-1] & 15
    return str(int.from_bytes(digest[start : start + 4], "big") % (1 << 31) % 1_000_000).zfill(6)


def test_an_optional_second_factor_is_asked_for_once_chosen(product: Product) -> None:
    cognito, token = product.aws.client("cognito-idp"), product.tokens()["AccessToken"]
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=one_time_code(secret))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    try:
        srp = product.srp()
        proof = {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": srp.get_auth_params()}
        challenge = cognito.initiate_auth(ClientId=product.client, **proof)
        answer = cognito.respond_to_auth_challenge(
            ClientId=product.client,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=srp.process_challenge(
                challenge["ChallengeParameters"], proof["AuthParameters"]
            ),
        )
        assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        second = {"USERNAME": EMAIL, "SOFTWARE_TOKEN_MFA_CODE": "000000"}
        step = {"ClientId": product.client, "ChallengeName": "SOFTWARE_TOKEN_MFA"}
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            cognito.respond_to_auth_challenge(**step, Session=answer["Session"], ChallengeResponses=second)
        second["SOFTWARE_TOKEN_MFA_CODE"] = one_time_code(secret)
        done = cognito.respond_to_auth_challenge(**step, Session=answer["Session"], ChallengeResponses=second)
        assert done["AuthenticationResult"]["AccessToken"]
    finally:
        cognito.admin_set_user_mfa_preference(
            UserPoolId=product.pool, Username=EMAIL, SoftwareTokenMfaSettings={"Enabled": False}
        )


def test_no_secret_reaches_the_log(product: Product) -> None:
    """At the most talkative level, which is how the tests run."""
    tokens = product.tokens()
    product.call(tokens["AccessToken"])
    log = product.aws.log_file.read_text()
    secrets = [PASSWORD, EMAIL, *(tokens[kind].split(".")[2] for kind in ("AccessToken", "IdToken"))]
    assert [secret for secret in secrets if secret in log] == []
