"""Nobody signs up to a pool that is by invitation only; the invited sign in."""

from typing import Any

import pytest

from tests.behaviours.cognito_triggers import PASSWORD
from tests.emulator import Emulator, unique

EMAIL = "ada@example.com"


def holds(aws: Emulator) -> None:
    resources: dict[str, Any] = {
        "Pool": {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {
                "UserPoolName": unique("pool"),
                "UsernameAttributes": ["email"],
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            },
        },
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "ClientName": "web"},
        },
    }
    stack = aws.deploy(resources, Pool={"Ref": "Pool"}, Client={"Ref": "Client"})
    cognito = aws.client("cognito-idp")
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="SignUp is not permitted"):
        cognito.sign_up(ClientId=stack["Client"], Username=EMAIL, Password=PASSWORD)
    invited = cognito.admin_create_user(UserPoolId=stack["Pool"], Username=EMAIL)
    assert invited["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
