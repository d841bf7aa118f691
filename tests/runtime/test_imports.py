"""A cold start is mostly imports. What is imported before the first visitor has an answer stands here.

Add to these lists what is worth what it costs: see `python -X importtime`, and `make bench-redirect`.
"""

from tests.runtime.function import Function, visit

OURS = {
    "hopcount_shared",
    "hopcount_shared.errors",
    "hopcount_shared.times",
    "redirect",
    "redirect.aws",
    "redirect.aws.client",
    "redirect.aws.connection",
    "redirect.aws.credentials",
    "redirect.aws.endpoints",
    "redirect.aws.errors",
    "redirect.aws.signing",
    "redirect.aws.trust",
    "redirect.bootstrap",
    "redirect.cache",
    "redirect.domain",
    "redirect.domain.click",
    "redirect.domain.intent",
    "redirect.domain.link",
    "redirect.domain.location",
    "redirect.domain.value",
    "redirect.extension",
    "redirect.handlers",
    "redirect.handlers.redirect",
    "redirect.logs",
    "redirect.metrics",
    "redirect.repository",
    "redirect.responses",
    "redirect.service",
    "redirect.settings",
}

PYTHONS = {
    "_datetime",
    "_hashlib",
    "_socket",
    "array",
    "datetime",
    "errno",
    "select",
    "selectors",
    "socket",
}
"""Those that the runtime client has not imported for itself."""

HEAVY = {
    "asyncio", "boto3", "botocore", "dataclasses", "email", "hashlib", "hmac", "http", "http.client",
    "inspect", "ipaddress", "pathlib", "pydantic", "random", "secrets", "ssl", "typing", "urllib.parse",
    "urllib3", "uuid",
}  # fmt: skip
"""What such a list was made for. With TLS, `ssl` is imported, and what it needs: there is no other way."""


def modules_of(function: Function, handler: str) -> set[str]:
    with function.sandbox(handler=handler) as sandbox:
        answer = sandbox.invoke(visit("abc1234"))
        assert answer.error is None, answer.value
        return set(answer.value) - {handler.partition(".")[0]}


def test_nothing_is_imported_that_is_not_worth_it(function: Function) -> None:
    bare = modules_of(function, "no_function.list_modules")
    imported = modules_of(function, "faulty_redirect.list_modules")
    added = imported - bare
    heavy = added & HEAVY
    assert not heavy, f"each of these costs every cold start milliseconds: {sorted(heavy)}"
    new = added - OURS - PYTHONS
    assert not new, (
        f"imported before the first visitor has an answer, and not in this test's lists: {sorted(new)}"
    )
    gone = (OURS | PYTHONS) - imported
    assert not gone, f"not imported any more: take them out of this test's lists: {sorted(gone)}"
