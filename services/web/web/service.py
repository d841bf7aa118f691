"""What a program needs to know of a deployment before it can sign in."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from web.settings import ServiceSettings

_EXAMPLE: dict[str, Any] = {
    "name": "hopcount",
    "version": "0.1.0",
    "stage": "prod",
    "region": "us-east-1",
    "baseUrl": "https://sho.rt",
    "apiUrl": "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "cognitoEndpoint": "https://cognito-idp.us-east-1.amazonaws.com",
    "userPoolId": "us-east-1_AbCdEfGhI",
    "userPoolClientId": "4k2bexample1client2id3",
    "loginUrl": "https://hopcount-prod-111122223333.auth.us-east-1.amazoncognito.com",
    "openapi": "/openapi.json",
    "docs": "/docs",
    "scopes": ["links:read", "links:write", "stats:read"],
    "endpoints": [
        {"region": "us-east-1", "apiUrl": "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"},
        {"region": "eu-central-1", "apiUrl": "https://f6g7h8i9j0.execute-api.eu-central-1.amazonaws.com"},
    ],
    "providers": ["Google"],
}


class Endpoint(BaseModel):
    """The API in one region."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    region: str
    api_url: str


class Service(BaseModel):
    """A deployment: what it is, where it is, where to sign in."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        frozen=True,
        json_schema_extra={"examples": [_EXAMPLE]},
    )

    name: Annotated[str, Field(description="Always `hopcount`.")] = "hopcount"
    version: Annotated[str, Field(description="Of what is deployed.")]
    stage: Annotated[str, Field(description="Which of several deployments.")]
    region: Annotated[str, Field(description="The AWS region it runs in.")]
    base_url: Annotated[str, Field(description="What short links begin with; the API answers here, too.")]
    api_url: Annotated[str, Field(description="The API without a CDN before it.")]
    cognito_endpoint: Annotated[str, Field(description="Where Cognito's own API is, to sign in.")]
    user_pool_id: str
    user_pool_client_id: str
    login_url: Annotated[
        str, Field(description="The sign-in pages: `/oauth2/authorize` and `/oauth2/token` are below it.")
    ]
    openapi: Annotated[str, Field(description="Path of the OpenAPI document.")] = "/openapi.json"
    docs: Annotated[str, Field(description="Path of the page that shows it.")] = "/docs"
    scopes: Annotated[Sequence[str], Field(description="What an API token can be allowed to do.")]
    endpoints: Annotated[
        Sequence[Endpoint], Field(description="Where the API can be asked: this region, then any others.")
    ]
    providers: Annotated[
        Sequence[str], Field(description="Who else can sign people in, as `identity_provider` of the pages.")
    ]


def describe_service(settings: ServiceSettings, scopes: Sequence[str]) -> Service:
    """Describe this deployment."""
    return Service(
        version=settings.version,
        stage=settings.stage,
        region=settings.aws_region,
        base_url=settings.public_base_url,
        api_url=settings.api_url,
        cognito_endpoint=settings.cognito_endpoint,
        user_pool_id=settings.user_pool_id,
        user_pool_client_id=settings.user_pool_client_id,
        login_url=settings.login_url,
        scopes=scopes,
        endpoints=[
            Endpoint(region=settings.aws_region, api_url=settings.api_url),
            *(_read_endpoint(text) for text in _listed(settings.further_endpoints)),
        ],
        providers=_listed(settings.identity_providers),
    )


def _listed(text: str) -> Sequence[str]:
    """Read a list as parameters of a deployment are written: with commas, or `none`."""
    return [] if text == "none" else [part.strip() for part in text.split(",")]


def _read_endpoint(text: str) -> Endpoint:
    region, equals, url = text.partition("=")
    if not (region and equals and url.startswith("https://")):
        raise ValueError(f"furtherEndpoints: {text!r} is not region=https://...")
    return Endpoint(region=region, api_url=url.rstrip("/"))
