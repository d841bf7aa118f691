"""Sign-up, its codes and its triggers behave as Cognito's do."""

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import ACCOUNT, Emulator, unique

SOURCE = """
import json
def handler(event, context):
    email = event["request"]["userAttributes"]["email"]
    if event["triggerSource"] == "PreSignUp_SignUp" and email.startswith("stranger"):
        raise ValueError("by invitation only")
    if event["triggerSource"].startswith("PostConfirmation_") and email.startswith("unlucky"):
        raise ValueError("boom")
    print("TRIGGER", json.dumps([event["triggerSource"], email, event["userName"], event["request"]]))
    return event
"""
PASSWORD = "Correct-horse-1"


def mailed_code(aws: Emulator, email: str) -> str:
    """Return the last code sent to the address."""
    messages = json.loads(aws.http("GET", "/_ministack/ses/messages")[2])["messages"][ACCOUNT]
    bodies = [message["BodyText"] or message["BodyHtml"] for message in messages if email in message["To"]]
    found = re.search(r"\b\d{6}\b", bodies[-1])
    assert found
    return found.group()


def pool_with(aws: Emulator, function_name: str) -> tuple[str, str]:
    """Create a pool with both triggers; return the ids of pool and client."""
    cognito, arn = aws.client("cognito-idp"), aws.function_arn(function_name)
    pool_id = cognito.create_user_pool(
        PoolName=unique("pool"),
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        LambdaConfig={"PreSignUp": arn, "PostConfirmation": arn},
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", PreventUserExistenceErrors="ENABLED"
    )
    return pool_id, client["UserPoolClient"]["ClientId"]


def sign_up(aws: Emulator, client_id: str, email: str) -> str:
    """Sign up; return the code that was mailed."""
    attributes = [{"Name": "email", "Value": email}]
    aws.client("cognito-idp").sign_up(
        ClientId=client_id, Username=email, Password=PASSWORD, UserAttributes=attributes
    )
    return mailed_code(aws, email)


def error_of(call: Any, **arguments: Any) -> tuple[str, str]:
    """Return code and message of the error that the call must end in."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def holds(aws: Emulator) -> None:
    function_name = aws.function(SOURCE)
    pool_id, client_id = pool_with(aws, function_name)
    cognito = aws.client("cognito-idp")

    email = "ada@example.com"
    code = sign_up(aws, client_id, email)
    wrong = {"ClientId": client_id, "Username": email, "ConfirmationCode": "000000"}
    assert error_of(cognito.confirm_sign_up, **wrong)[0] == "CodeMismatchException"
    cognito.confirm_sign_up(
        ClientId=client_id, Username=email, ConfirmationCode=code, ClientMetadata={"from": "test"}
    )
    runs = [json.loads(line) for line in aws.printed(function_name, "TRIGGER")]
    assert [run[0] for run in runs] == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]
    request = runs[-1][3]
    assert request["userAttributes"]["sub"] == runs[-1][2]
    assert request["userAttributes"]["email_verified"] == "true"
    assert request["clientMetadata"] == {"from": "test"}
    assert error_of(cognito.confirm_sign_up, **wrong)[0] == "NotAuthorizedException"

    unlucky = "unlucky@example.com"
    confirm = {
        "ClientId": client_id,
        "Username": unlucky,
        "ConfirmationCode": sign_up(aws, client_id, unlucky),
    }
    failure = error_of(cognito.confirm_sign_up, **confirm)
    assert failure == ("UserLambdaValidationException", "PostConfirmation failed with error boom.")
    user = cognito.admin_get_user(UserPoolId=pool_id, Username=unlucky)
    assert user["UserStatus"] == "CONFIRMED"

    refusal = error_of(sign_up, aws=aws, client_id=client_id, email="stranger@example.com")
    assert refusal == ("UserLambdaValidationException", "PreSignUp failed with error by invitation only.")
