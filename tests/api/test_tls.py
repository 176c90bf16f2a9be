"""TLS in the services themselves: TLS_CERT_FILE, TLS_KEY_FILE."""

import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from harness.certificates import self_signed
from harness.platform import run


@pytest.fixture(scope="module")
def certificate():
    return self_signed("ec")


@pytest.fixture
def secure(launch, certificate):
    trust = ssl.create_default_context(cafile=certificate[0])
    return launch(tls=trust, TLS_CERT_FILE=certificate[0], TLS_KEY_FILE=certificate[1])


def test_everything_works_over_tls(secure):
    user, payee = secure.new_user(), secure.new_user()
    user.pay(payee, "12.34").ok(201)
    assert str(user.get(f"/api/reports/users/{user.id}").ok()["out"]["amount"]) == "12.34"
    reply = user.get("/api/users/me")
    assert "max-age=" in reply.headers["strict-transport-security"]
    done = secure.run("health")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_end_of_the_certificate_is_published(secure, certificate):
    ends = x509.load_pem_x509_certificate(Path(certificate[0]).read_bytes()).not_valid_after_utc
    for service in ("user", "transaction", "reporting", "gateway"):
        name = f'instapay_tls_certificate_expires_timestamp_seconds{{service="{service}"}}'
        assert secure.client.metric(name, "user") == ends.timestamp()


def test_old_protocols_and_plain_text_are_refused(secure, certificate):
    port = secure.ports["user"]
    old = ssl.create_default_context(cafile=certificate[0])
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        pytest.raises((ssl.SSLError, OSError)),
    ):
        old.wrap_socket(plain, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", port), 15) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            answer = plain.recv(1000)
        except ConnectionResetError:
            answer = b""
        assert b"200" not in answer
    secure.client.get("/health").ok()


def test_modern_protocols_only_offer_forward_secrecy(secure, certificate):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        trust = ssl.create_default_context(cafile=certificate[0])
        trust.minimum_version = trust.maximum_version = version
        with (
            socket.create_connection(("127.0.0.1", secure.ports["user"]), 5) as plain,
            trust.wrap_socket(plain, server_hostname="localhost") as tls,
        ):
            name, _, _ = tls.cipher()
            assert name.startswith(("ECDHE", "TLS_")), name


def accepts(port, version, *ciphers):
    """Whether `openssl s_client` gets a connection by one of these ciphers."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, *ciphers],
        input="",
        capture_output=True,
        text=True,
        timeout=30,
    )
    return "Cipher is (NONE)" not in done.stdout and "BEGIN CERTIFICATE" in done.stdout


# @SECLEVEL=0: the client offers all that it knows, so that the server decides.
WEAK = {
    "static RSA": "kRSA",
    "CBC": "SHA1:SHA256:SHA384:!AESGCM:!CHACHA20",
    "other block ciphers": "ARIA:CAMELLIA:AESCCM",
    "finite fields": "DHE:!ECDHE",
    "no certificate": "aNULL",
    "a shared key": "PSK",
}


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_only_authenticated_encryption_with_forward_secrecy(launch, kind):
    """Whatever key the certificate has: one of RSA could be used without ECDHE."""
    cert, key = self_signed(kind)
    trust = ssl.create_default_context(cafile=cert)
    port = launch(tls=trust, TLS_CERT_FILE=cert, TLS_KEY_FILE=key).ports["user"]
    for name, ciphers in WEAK.items():
        assert not accepts(port, "-tls1_2", "-cipher", f"{ciphers}:@SECLEVEL=0"), name
    assert accepts(port, "-tls1_2", "-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20")
    assert accepts(port, "-tls1_3")
    assert not accepts(port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")


def test_a_client_that_never_shakes_hands_is_cut_off_and_disturbs_nobody(secure):
    idle = [socket.create_connection(("127.0.0.1", secure.ports["user"]), 20) for _ in range(20)]
    try:
        secure.client.get("/health").ok()
        assert idle[0].recv(1) == b""
    finally:
        for connection in idle:
            connection.close()


@pytest.mark.parametrize(
    ("cert", "key"),
    [
        ("/nowhere/cert.pem", "/nowhere/key.pem"),
        ("{cert}", ""),
        ("", "{key}"),
        ("{key}", "{cert}"),
        ("{cert}", "{cert}"),
    ],
)
def test_unusable_files_are_named_at_start(certificate, cert, key):
    cert, key = (text.format(cert=certificate[0], key=certificate[1]) for text in (cert, key))
    done = run("serve", "all", timeout_s=30, TLS_CERT_FILE=cert, TLS_KEY_FILE=key)
    assert done.returncode != 0
    assert "TLS" in done.stderr, done.stderr
    assert "PRIVATE KEY" not in done.stderr
