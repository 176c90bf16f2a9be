"""schemathesis over every operation: no 5xx, nothing that the OpenAPI document does not say.

One person of each role asks, so that what is only for operators is reached too. Real ids and
e-mails are put in place of half of the generated ones: random ones only ever meet 404.
"""

import itertools

import hypothesis
import pytest
import schemathesis
from harness.contract import FILE, SERVICE_OF_TAG
from harness.users import keep_signed_in
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

load_all_checks()
# Not used: positive_data_acceptance (money that is not there is refused, and rightly),
# use_after_free and ensure_resource_availability (they need ids that the document links).
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
]
MAX_EXAMPLES = 15

config = schemathesis.Config.from_dict(
    {
        "checks": {
            # A value of several KiB is refused by the limits of HTTP before it is looked at.
            "negative_data_rejection": {
                "expected-statuses": [
                    *(400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 431)
                ]
            },
            # A required Idempotency-Key that is missing is 428.
            "missing_required_header": {
                "expected-statuses": [400, 401, 403, 404, 406, 415, 422, 428]
            },
        },
        # OPTIONS is answered for every path: CORS.
        "phases": {"coverage": {"unexpected-methods": ["get", "put", "post", "delete", "patch"]}},
        "generation": {
            "max-examples": MAX_EXAMPLES,
            "deterministic": True,
            "no-shrink": True,
            # The tests' own tokens are sent; the ways to be without one are in test_tokens.py.
            "with-security-parameters": False,
        },
    }
)
schema = schemathesis.openapi.from_path(str(FILE), config=config)

_turn = itertools.count()


@pytest.fixture(scope="module")
def world(platform, operator, auditor):
    """Who asks, and what there is to ask for."""
    user, payee = platform.new_user(), platform.new_user()
    done = user.pay(payee, "0.50").ok(201)
    operator.adjust(user, 1_000_000).ok()
    return {
        "urls": platform.urls,
        "people": [operator, user, auditor],
        "operator": operator,
        "user": user,
        "payee": payee,
        # May be frozen, renamed and signed out by what is tried.
        "victim": platform.new_user(),
        "transaction": done["id"],
    }


def is_positive(case, location):
    component = case.meta.components.get(location) if case.meta else None
    return component is not None and component.mode == GenerationMode.POSITIVE


def make_real(case, world):
    """Ids and e-mails of this world instead of random ones."""
    user, payee = world["user"], world["payee"]
    if case.path_parameters and is_positive(case, ParameterLocation.PATH):
        real = {"id": world["victim"].id, "user_id": user.id, "email": payee.email}
        if case.operation.path.startswith("/api/transactions/{id}"):
            real["id"] = world["transaction"]
        for name in case.path_parameters:
            if name in real:
                case.path_parameters[name] = real[name]
    body = case.body
    if isinstance(body, dict) and is_positive(case, ParameterLocation.BODY):
        for item in [body, *(t for t in body.get("transfers") or [] if isinstance(t, dict))]:
            if "receiver_email" in item:
                item["receiver_email"] = payee.email
            if item.get("sender_email"):
                item["sender_email"] = user.email


# The stream never ends by itself: test_stream_entries.py.
@schema.exclude(operation_id="stream_entries").parametrize()
@hypothesis.settings(
    max_examples=MAX_EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_operation_does_what_the_document_says(case, world):
    turn = next(_turn)
    if turn % 2:
        make_real(case, world)
    tag = case.operation.definition.raw["tags"][0]
    services = [SERVICE_OF_TAG[tag]] if tag in SERVICE_OF_TAG else ["user", "transaction"]
    # Sessions and passwords of the people who ask are not to be ended by what is tried.
    person = world["user"] if tag == "transactions" else world["people"][turn % 3]
    if case.operation.definition.raw["operationId"] == "freeze_wallet":
        person = world["victim"]
    headers = {"Authorization": f"Bearer {keep_signed_in(person).token}"}
    for service in services:
        case.call_and_validate(base_url=world["urls"][service], headers=headers, checks=CHECKS)
