"""What a process refuses to start with, and how it says so."""

import json
import re
import subprocess

import pytest
from harness.platform import PORT_OF, RECEIPT_KEY, SHARED_KEY, Platform, private_dir, run
from harness.ports import free_port


def ports():
    return {name: str(free_port()) for name in PORT_OF.values()}


def refused(*arguments, **settings):
    settings.setdefault("DATA_DIR", str(private_dir() / "data"))
    done = run(*(arguments or ("serve", "all")), timeout_s=30, **{**ports(), **settings})
    assert done.returncode != 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "terminate called" not in done.stderr
    return done.stderr


WRONG = [
    {"USER_PORT": "x"},
    {"USER_PORT": "0x10"},
    {"USER_PORT": "65536"},
    {"USER_PORT": "-1"},
    {"BCRYPT_COST": "3"},
    {"BCRYPT_COST": "17"},
    {"BCRYPT_COST": "twelve"},
    {"INSTAPAY_ENV": "prod"},
    {"SUPPORT_CONTACT": "javascript:alert(1)"},
    {"SUPPORT_CONTACT": "help@example.com"},
    {"PAYMENT_CODE_GUID": "App.Example"},
    {"PAYMENT_CODE_GUID": "a" * 33},
    {"CURRENCY": "XYZ"},
    {"CURRENCY": "egp1"},
    {"OPENING_BALANCE": "10.001"},
    {"OPENING_BALANCE": "-1"},
    {"OPENING_BALANCE": "1e3"},
    {"LOG_LEVEL": "loud"},
    {"LOG_FORMAT": "xml"},
    {"ACCESS_TOKEN_TTL_S": "0"},
    {"ACCESS_TOKEN_TTL_S": "x"},
    {"RATE_LIMIT_USER_PER_S": "-1"},
    {"JWT_PRIVATE_KEY": "not a key"},
    {"JWT_PRIVATE_KEY": SHARED_KEY.public_pem},
    {"RECEIPT_PRIVATE_KEY": "not a key"},
    {"RECEIPT_PRIVATE_KEY": RECEIPT_KEY.public_pem},
    {"RECEIPT_PRIVATE_KEY": SHARED_KEY.pem},
    {"RECEIPT_PRIVATE_KEY": RECEIPT_KEY.pem + SHARED_KEY.pem},
    {"RECEIPT_PRIVATE_KEY": RECEIPT_KEY.pem * 2},
    {"FACTOR_KEY": "not a key"},
    {"STAFF_SECOND_FACTOR": "perhaps"},
    {"APPROVALS": "yes"},
    {"APPROVAL_ADJUSTMENT_ABOVE": "-1"},
    {"APPROVAL_SIGNATURES": "yes"},
    {"UNVERIFIED_DAILY_LIMIT": "-1"},
    {"PIN_PAYMENT_LIMIT": "2.001"},
    {"PIN_DAILY_LIMIT": "199.99"},
    {"DATABASE_URL": "mysql://localhost/x"},
    {"USER_URL": "user-service:8000"},
    {"REPORTING_URL": "reporting-service"},
    {"BIND_ADDRESS": "not an address"},
    {"IO_THREADS": "-3"},
    {"DB_POOL": "0"},
    {"DB_CONNECTION_MAX_AGE_S": "-1"},
    {"REPLICA_LAG_MAX_S": "0"},
    {"LOG_REQUESTS_PER_S": "-1"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"},
    {"OTEL_TRACES_SAMPLER_ARG": "1.1"},
    {"OTEL_TRACES_SAMPLER_ARG": "1%"},
    {"OTEL_TRACES_SAMPLER_ARG": "nan"},
    {"STORAGE_PATH": "/nowhere/at/all"},
    {"STORAGE_FREE_MIN_BYTES": "1GB"},
    {"STORAGE_MAX_BYTES": "1000"},
    # What authorises is read there.
    {"DATABASE_URL": "postgresql://localhost/x?target_session_attrs=any"},
    {"DATABASE_URL": "postgresql://localhost/x?target_session_attrs=standby"},
    {"DATABASE_URL": "host=a,b dbname=x target_session_attrs=prefer-standby"},
]


@pytest.mark.parametrize("settings", WRONG, ids=lambda s: "=".join(*s.items())[:40])
def test_a_wrong_value_is_named(settings):
    (name,) = settings
    assert name in refused(**settings)


def test_signatures_are_not_required_where_there_are_no_passkeys():
    # No browser shows passkeys at an address that is not safe.
    said = refused(APPROVAL_SIGNATURES="required", PUBLIC_URL="http://192.0.2.1:8080")
    assert "APPROVAL_SIGNATURES" in said and "PASSKEY_DOMAIN" in said


def test_every_mistake_is_named_at_once():
    said = refused(USER_PORT="x", BCRYPT_COST="99", CURRENCY="??", LOG_LEVEL="loud")
    for name in ("USER_PORT", "BCRYPT_COST", "CURRENCY", "LOG_LEVEL"):
        assert name in said, said


@pytest.mark.parametrize("keys", ["given", "made"])
def test_a_data_folder_that_cannot_be_written_is_named(keys):
    settings = {} if keys == "given" else {"JWT_PRIVATE_KEY": "", "RECEIPT_PRIVATE_KEY": ""}
    file = private_dir() / "file"
    file.touch()
    # Where root cannot write either: one that cannot be made, and one that is there.
    for folder in [file / "data", "/proc"]:
        said = refused(DATA_DIR=str(folder), **settings)
        assert f"cannot write in DATA_DIR, the folder {folder}: " in said
        assert "or set DATA_DIR to" in said
        assert "not usable" not in said


def test_a_development_key_that_is_spoilt_is_named():
    folder = private_dir()
    (folder / "jwt-key.pem").write_text("spoilt")
    said = refused(DATA_DIR=str(folder), JWT_PRIVATE_KEY="")
    assert f"the key in {folder}/jwt-key.pem is not usable" in said


def test_two_services_cannot_have_one_port():
    port = str(free_port())
    said = refused(USER_PORT=port, TRANSACTION_PORT=port)
    assert "USER_PORT" in said
    assert "TRANSACTION_PORT" in said


def test_flags_do_the_same_as_variables():
    assert "bcrypt" in refused("serve", "all", "--bcrypt-cost", "99").lower()


def test_an_unknown_flag_or_command_is_an_error():
    refused("serve", "all", "--no-such-flag")
    refused("serve", "nothing")
    refused("no-such-command")


PRODUCTION = {
    "INSTAPAY_ENV": "production",
    "BCRYPT_COST": "12",
    "TRUSTED_PROXIES": "127.0.0.0/8",
    "OPENING_BALANCE": "0",
    "STAFF_SECOND_FACTOR": "required",
    "LOGIN_ATTEMPTS_PER_MIN": "10",
    "RATE_LIMIT_ADDRESS_PER_S": "100",
    "RATE_LIMIT_USER_PER_S": "50",
}


def test_production_refuses_with_every_mistake_named():
    no_keys = {"JWT_PRIVATE_KEY": "", "RECEIPT_PRIVATE_KEY": ""}
    said = refused(INSTAPAY_ENV="production", BCRYPT_COST="4", **no_keys)
    for name in ("DATABASE_URL", "TLS_CERT_FILE", "BCRYPT_COST", *no_keys):
        assert name in said, said


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"TRUSTED_PROXIES": ""}, "TLS"),
        ({"TRUSTED_PROXIES": "true"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8, 10.0.0.1/8"}, "10.0.0.1/8"),
        ({"JWT_PRIVATE_KEY": ""}, "JWT_PRIVATE_KEY"),
        ({"RECEIPT_PRIVATE_KEY": ""}, "RECEIPT_PRIVATE_KEY"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"BCRYPT_COST": "9"}, "BCRYPT_COST"),
        # Nobody gives money away by saying nothing.
        ({"OPENING_BALANCE": ""}, "OPENING_BALANCE"),
        ({"FACTOR_KEY": ""}, "FACTOR_KEY"),
        ({"VAPID_PRIVATE_KEY": ""}, "VAPID_PRIVATE_KEY"),
        ({"STAFF_SECOND_FACTOR": ""}, "STAFF_SECOND_FACTOR"),
        ({"OPERATOR_EMAIL": "o@example.com", "OPERATOR_PASSWORD": "short"}, "OPERATOR_PASSWORD"),
    ],
)
def test_production_refuses_each_of_them_alone(cluster, change, name):
    said = refused(**{**PRODUCTION, "DATABASE_URL": cluster.url, **change})
    assert name in said, said
    assert cluster.password not in said


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_each_service_wants_its_own_key_only(cluster, environment):
    settings = {
        **PRODUCTION,
        "INSTAPAY_ENV": environment,
        "DATABASE_URL": cluster.url,
        "JWKS_URL": "http://127.0.0.1:1/jwks.json",
    }
    said = refused("serve", "transaction", **settings, JWT_PRIVATE_KEY="", RECEIPT_PRIVATE_KEY="")
    assert "RECEIPT_PRIVATE_KEY" in said
    assert "JWT_PRIVATE_KEY" not in said
    said = refused("serve", "user", **settings, JWT_PRIVATE_KEY="", RECEIPT_PRIVATE_KEY="")
    assert "JWT_PRIVATE_KEY" in said
    assert "RECEIPT_PRIVATE_KEY" not in said


@pytest.mark.parametrize("service", ["user", "transaction", "reporting"])
def test_production_refuses_what_the_list_of_settings_requires(cluster, service):
    """Each alone; `instapay config --json` is what the files of deployments are held to."""
    listed = json.loads(run("config", "--json").stdout)["data"]
    everything = {
        **PRODUCTION,
        "DATABASE_URL": cluster.url,
        **{f"{name}_URL": "http://127.0.0.1:1" for name in ("USER", "TRANSACTION", "REPORTING")},
        "JWKS_URL": "http://127.0.0.1:1/jwks.json",
    }
    required = [setting["name"] for setting in listed if service in setting["requiredBy"]]
    assert "DATABASE_URL" in required
    for name in required:
        assert f"  {name} " in refused("serve", service, **{**everything, name: ""}), name
    assert ("USER_URL" in required) == (service == "reporting")


def test_settings_are_listed_for_programs():
    listed = json.loads(run("config", "--json").stdout)["data"]
    text = run("config").stdout
    assert [setting["name"] for setting in listed] == re.findall(
        r"^  ([A-Z_]+) ", text, re.MULTILINE
    )
    for setting in listed:
        assert setting["usedBy"], setting
        assert set(setting["requiredBy"]) <= set(setting["usedBy"]), setting
        assert setting["flag"] == "--" + setting["name"].lower().replace("_", "-")
    secrets = {setting["name"] for setting in listed if setting["secret"]}
    assert {"DATABASE_URL", "JWT_PRIVATE_KEY", "OPERATOR_PASSWORD"} <= secrets


def effective(*arguments, **settings):
    done = run("config", "--effective", "--json", *arguments, **settings)
    assert done.returncode == 0, done.stderr
    return {setting["name"]: setting for setting in json.loads(done.stdout)["data"]}


def test_the_effective_configuration_says_where_each_value_comes_from():
    secret = private_dir() / "smtp"
    secret.write_text("very secret indeed\n")
    found = effective(
        *("--user-port", "9001", "--bcrypt-cost", "11"),
        CURRENCY="KWD",
        BCRYPT_COST="5",
        SMTP_PASSWORD_FILE=str(secret),
    )
    known = json.loads(run("config", "--json").stdout)["data"]
    assert list(found) == [setting["name"] for setting in known]
    for name, value, origin, where in [
        ("USER_PORT", "9001", "command line", "--user-port"),
        ("BCRYPT_COST", "11", "command line", "--bcrypt-cost"),
        ("CURRENCY", "KWD", "environment", "CURRENCY"),
        ("SMTP_PASSWORD", "********", "file", str(secret)),
        ("FACTOR_KEY", "********", "environment", "FACTOR_KEY"),
        ("BATCH_MAX", "1000", "default", ""),
        ("DATABASE_URL", "", "default", ""),
    ]:
        setting = found[name]
        assert (setting["value"], setting["origin"], setting["where"]) == (value, origin, where)


def test_the_effective_configuration_shows_no_secret():
    text = run("config", "--effective", DATABASE_URL="postgresql://u:very-secret@h/d").stdout
    assert re.search(r"^  DATABASE_URL +\*{8} +environment \(DATABASE_URL\)$", text, re.MULTILINE)
    assert "very-secret" not in text
    assert SHARED_KEY.pem.splitlines()[1] not in text


def test_the_effective_configuration_names_a_secret_that_cannot_be_read():
    done = run("config", "--effective", SMTP_PASSWORD_FILE="/nowhere/at/all")
    assert done.returncode == 1
    assert "SMTP_PASSWORD_FILE names a file that cannot be read: /nowhere/at/all" in done.stderr


def test_a_misspelt_variable_is_named_with_what_was_meant(launch):
    """By commands on standard error, by services in the log, and beside the mistakes."""
    wrong = {"TRANSFER_LIMT": "5", "JWT_PRIVAT_KEY": "x"}
    for command in (("config", "--effective"), ("health",)):
        said = run(*command, **wrong).stderr
        assert "TRANSFER_LIMT is no setting and is not read; did you mean TRANSFER_LIMIT?" in said
        assert "did you mean JWT_PRIVATE_KEY?" in said
    assert "did you mean TRANSFER_LIMIT?" in refused(BCRYPT_COST="99", **wrong)
    platform = launch(**wrong)
    named = {
        line["instapay.variable"]: line["instapay.nearest"]
        for line in platform.log_objects()
        if "instapay.variable" in line
    }
    assert named == {"TRANSFER_LIMT": "TRANSFER_LIMIT", "JWT_PRIVAT_KEY": "JWT_PRIVATE_KEY"}


def test_production_starts_when_all_is_right(launch):
    platform = launch(**{**PRODUCTION, "BCRYPT_COST": "10"})
    user = platform.new_user()
    assert user.balance() == 0
    # The proxy says that its client came by TLS.
    reply = user.get("/api/users/me", headers={"X-Forwarded-Proto": "https"})
    assert "max-age=" in reply.headers["strict-transport-security"]


def test_secrets_come_from_files_too(launch, cluster):
    directory = private_dir()
    for name, content in [
        ("url", cluster.url),
        ("key", SHARED_KEY.pem),
        ("receipt-key", RECEIPT_KEY.pem),
        ("password", "from a file, no new line\n"),
    ]:
        (directory / name).write_text(content)
    platform = launch(
        DATABASE_URL="",
        DATABASE_URL_FILE=str(directory / "url"),
        JWT_PRIVATE_KEY="",
        JWT_PRIVATE_KEY_FILE=str(directory / "key"),
        RECEIPT_PRIVATE_KEY="",
        RECEIPT_PRIVATE_KEY_FILE=str(directory / "receipt-key"),
        OPERATOR_EMAIL="file-operator@example.com",
        OPERATOR_PASSWORD="",
        OPERATOR_PASSWORD_FILE=str(directory / "password"),
    )
    body = {"email": "file-operator@example.com", "password": "from a file, no new line"}
    assert platform.client.post("/api/users/login", body).ok()["user"]["role"] == "operator"
    (key,) = platform.client.get("/.well-known/receipt-jwks.json").ok()["keys"]
    assert key["kid"] == RECEIPT_KEY.kid


def test_the_kinds_of_keys_are_said():
    """RSA for tokens, P-256 for receipts; P-256 for tokens too, but not the same one."""
    assert "P-256 key (ES256)" in refused(RECEIPT_PRIVATE_KEY=SHARED_KEY.pem)
    said = refused(JWT_PRIVATE_KEY=RECEIPT_KEY.pem)
    assert "RECEIPT_PRIVATE_KEY must not have a key of JWT_PRIVATE_KEY" in said
    for pem in (rsa_pem(2040), rsa_pem(2048, exponent=3)):
        said = refused(JWT_PRIVATE_KEY=pem)
        assert "RSA key of 2048 to 4096 bits with exponent 65537 (RS256)" in said
        assert "BEGIN" not in said


def rsa_pem(bits, exponent=65537):
    command = ("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")
    command += ("-pkeyopt", f"rsa_keygen_pubexp:{exponent}")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_secret_file_that_is_missing_is_named():
    assert "JWT_PRIVATE_KEY_FILE" in refused(JWT_PRIVATE_KEY="", JWT_PRIVATE_KEY_FILE="/nowhere/k")


def test_the_help_lists_every_variable():
    text = run("config", "--help").stdout
    for name in (
        *("INSTAPAY_ENV", "DATABASE_URL", "REPORTING_DATABASE_URL", "DATA_DIR", "BIND_ADDRESS"),
        *("USER_PORT", "TRANSACTION_PORT", "REPORTING_PORT", "GATEWAY_PORT", "OPERATOR_EMAIL"),
        *("OPERATOR_PASSWORD", "OPENING_BALANCE", "CURRENCY", "BCRYPT_COST", "JWKS_URL"),
        *("ACCESS_TOKEN_TTL_S", "REFRESH_TOKEN_TTL_S", "JWT_PRIVATE_KEY", "CORS_ORIGINS"),
        *("RECEIPT_PRIVATE_KEY", "FACTOR_KEY", "STAFF_SECOND_FACTOR", "SUPPORT_CONTACT"),
        *("VAPID_PRIVATE_KEY", "PUSH_HOSTS"),
        *("PAYMENT_CODE_GUID", "UNVERIFIED_DAILY_LIMIT", "PIN_PAYMENT_LIMIT", "PIN_DAILY_LIMIT"),
        *("RATE_LIMIT_USER_PER_S", "RATE_LIMIT_ADDRESS_PER_S", "LOGIN_ATTEMPTS_PER_MIN"),
        *("TLS_CERT_FILE", "TLS_KEY_FILE", "TRUSTED_PROXIES", "BATCH_MAX", "QUEUE_MAX"),
        *("COMMITTERS", "IO_THREADS", "DB_POOL", "LOG_LEVEL", "LOG_FORMAT"),
        *("DB_CONNECTION_MAX_AGE_S", "REPLICA_LAG_MAX_S", "LOG_REQUESTS_PER_S"),
        *("STORAGE_PATH", "STORAGE_MAX_BYTES", "STORAGE_FREE_MIN_BYTES"),
        *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG"),
    ):
        assert re.search(rf"\b{name}\b", text), name


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_another_currency_has_its_own_digits(currency):
    """Its own cluster: a deployment has one currency."""
    digits = {"JPY": 0, "KWD": 3}[currency]
    platform = Platform(CURRENCY=currency, OPENING_BALANCE="500")
    try:
        platform.start()
        user, payee = platform.new_user(), platform.new_user()
        smallest = "1" if digits == 0 else "0.001"
        reply = user.pay(payee, smallest)
        assert reply.ok(201)["currency"] == currency
        text = reply.text.replace(" ", "")
        assert f'"amount":{smallest},' in text or f'"amount":{smallest}}}' in text
        user.pay(payee, "0.1" if digits == 0 else "0.0001").problem(
            422, "validation_failed", {"amount": "invalid_format"}
        )
        platform.stop()
    finally:
        platform.remove()
