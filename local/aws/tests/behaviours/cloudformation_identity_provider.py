"""A template connects a user pool to an identity provider, changes it and removes it."""

from typing import Any

from tests.emulator import Emulator, unique


def resources(pool_name: str, scopes: str) -> dict[str, Any]:
    return {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": pool_name}},
        "Provider": {
            "Type": "AWS::Cognito::UserPoolIdentityProvider",
            "Properties": {
                "UserPoolId": {"Ref": "Pool"},
                "ProviderName": "Google",
                "ProviderType": "Google",
                "ProviderDetails": {"client_id": "id", "client_secret": "x", "authorize_scopes": scopes},
                "AttributeMapping": {"email": "email"},
            },
        },
    }


def holds(aws: Emulator) -> None:
    name, cognito = unique("pool"), aws.client("cognito-idp")
    stack = aws.deploy(resources(name, "openid"), PoolId={"Ref": "Pool"}, Provider={"Ref": "Provider"})
    assert stack["Provider"] == "Google"
    aws.deploy(resources(name, "openid email"), stack["StackName"], PoolId={"Ref": "Pool"})
    wanted = {"UserPoolId": stack["PoolId"], "ProviderName": "Google"}
    provider = cognito.describe_identity_provider(**wanted)["IdentityProvider"]
    assert provider["ProviderDetails"]["authorize_scopes"] == "openid email"
    aws.remove(stack["StackName"])
