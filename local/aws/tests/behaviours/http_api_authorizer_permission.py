"""The function behind an authorizer is asked by the API that it lets ask it, and by no other."""

from tests.behaviours.http_api_authorizer_identity import THIS_AUTHORIZER, ask, resources
from tests.emulator import Emulator

HEADERS = {"Authorization": "Bearer x", "X_Api_Key": "secret"}


def holds(aws: Emulator) -> None:
    stack = aws.deploy(resources(aws, THIS_AUTHORIZER), ApiId={"Ref": "Api"})
    assert ask(aws, stack["ApiId"], **HEADERS)[0] == 200
    for other in ("0123456789/authorizers/abcdef", "${Api}/*/GET/urls"):
        permitted = {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:" + other}
        stack = aws.deploy(resources(aws, permitted), ApiId={"Ref": "Api"})
        assert ask(aws, stack["ApiId"], **HEADERS) == (500, {"message": "Internal Server Error"})
