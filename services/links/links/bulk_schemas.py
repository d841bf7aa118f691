"""What `POST /urls/bulk` takes and answers."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SkipValidation,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from hopcount_shared.errors import FieldError, ForbiddenError, HopcountError, InvalidInputError
from hopcount_shared.http import NO_STORE, Caller, explain
from links.bulk_service import Row, RowResult
from links.domain.codes import check_imported_code
from links.schemas import LINK_EXAMPLE, CreateLinkBody, LinkView, Moment, check_user_id, link_view
from links.service import NewLink

MAX_ROWS = 500


class ImportLinkBody(CreateLinkBody):
    """A row that had a life elsewhere: it keeps its code, its age and what had been counted."""

    alias: Annotated[str, AfterValidator(check_imported_code)]
    created_at: Moment | None = None
    imported_clicks: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None

    def to_new_link(self, owner: str) -> NewLink:
        """Say what link this asks for."""
        return dataclasses.replace(
            super().to_new_link(owner), created_at=self.created_at, imported_clicks=self.imported_clicks
        )


class CreateLinksBody(BaseModel):
    """The body of `POST /urls/bulk`. What is wrong with a row is said in its result."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "links": [
                        {"originalUrl": "https://docs.python.org/3/"},
                        {
                            "originalUrl": "https://www.python.org/about/",
                            "alias": "about",
                            "createdAt": "2024-02-29T12:00:00Z",
                            "importedClicks": 7,
                        },
                    ]
                }
            ]
        },
    )

    links: Annotated[
        Sequence[SkipValidation[CreateLinkBody | ImportLinkBody]], Field(min_length=1, max_length=MAX_ROWS)
    ]


class FieldProblemView(BaseModel):
    """A field that is wrong, and why."""

    field: str
    message: str


class ProblemView(BaseModel):
    """Problem details (RFC 9457) of one row. What does not apply is left out."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[Sequence[FieldProblemView], Field(exclude_if=lambda value: not value)] = ()
    retry_after: Annotated[int | None, Field(exclude_if=lambda value: value is None)] = None


class MadeRowView(BaseModel):
    """A row whose link is there, made now or before."""

    index: int
    status: Literal["created", "existing"]
    link: LinkView


class FailedRowView(BaseModel):
    """A row of which nothing came."""

    index: int
    status: Literal["failed"] = "failed"
    problem: ProblemView


class BulkView(BaseModel):
    """What became of each row, in their order, and how many there are of each kind."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": [
                        {"index": 0, "status": "created", "link": LINK_EXAMPLE},
                        {
                            "index": 1,
                            "status": "failed",
                            "problem": {
                                "type": "urn:hopcount:problem:conflict",
                                "title": "Conflict",
                                "status": 409,
                                "detail": "this alias is taken",
                            },
                        },
                    ],
                    "created": 1,
                    "existing": 0,
                    "failed": 1,
                }
            ]
        }
    )

    results: Sequence[MadeRowView | FailedRowView]
    created: int
    existing: int
    failed: int


_IMPORT: TypeAdapter[ImportLinkBody] = TypeAdapter(ImportLinkBody)
_CREATE: TypeAdapter[CreateLinkBody] = TypeAdapter(CreateLinkBody)
_PROBLEM: TypeAdapter[ProblemView] = TypeAdapter(ProblemView)
_OF_ELSEWHERE = ("createdAt", "importedClicks")


def read_row(row: Any, who: Caller) -> Row:
    """Read what a row asks for, or why it cannot be read."""
    try:
        body = _parse(row)
        check_user_id(body.user_id, who)
    except ValidationError as error:
        return InvalidInputError(_field_errors(error))
    except ForbiddenError as error:
        return error
    return body.to_new_link(who.user_id)


def _parse(row: Any) -> CreateLinkBody:
    if not isinstance(row, Mapping):
        return _CREATE.validate_python(row)
    if any(row.get(name) is not None for name in _OF_ELSEWHERE):
        return _IMPORT.validate_python(row)
    # `null` is as good as nothing.
    return _CREATE.validate_python({name: row[name] for name in row if name not in _OF_ELSEWHERE})


def _field_errors(error: ValidationError) -> list[FieldError]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        FieldError(".".join(map(str, e["loc"])) or "row", str(e["msg"]).removeprefix("Value error, "))
        for e in found
    ]


def bulk_response(results: Sequence[RowResult], base_url: str) -> Response[BulkView]:
    """Answer with what became of each row."""
    numbers = Counter(result.status for result in results)
    view = BulkView(
        results=[_row_view(index, result, base_url) for index, result in enumerate(results)],
        created=numbers["created"],
        existing=numbers["existing"],
        failed=numbers["failed"],
    )
    return Response(200, "application/json", view, dict(NO_STORE))


def _row_view(index: int, result: RowResult, base_url: str) -> MadeRowView | FailedRowView:
    if result.link is not None and result.status != "failed":
        return MadeRowView(index=index, status=result.status, link=link_view(result.link, base_url))
    problem = explain(result.error or HopcountError("no link"))
    return FailedRowView(index=index, problem=_PROBLEM.validate_python(problem))
