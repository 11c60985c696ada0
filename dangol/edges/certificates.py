"""The certificate authorities that this machine trusts, in the form that Java reads."""

import ssl
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from struct import pack

PASSWORD = "changeit"  # noqa: S105 - Java's own default; a trust store holds no secret


def trusted_authorities() -> list[bytes]:
    """The certificates (DER) of the authorities that Python trusts here: the system's, or SSL_CERT_FILE's."""
    context = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath
    for file in Path(folder).iterdir() if folder else ():  # Python itself reads a folder only while it verifies
        with suppress(OSError):  # ssl.SSLError too: what is not a certificate
            context.load_verify_locations(file)
    return sorted(set(context.get_ca_certs(binary_form=True)))


def trust_store(certificates: Iterable[bytes]) -> bytes:
    """A Java key store (JKS, version 2) of trusted certificates, each given as DER.

    The format: sun.security.provider.JavaKeyStore of the OpenJDK.
    """
    entries = [
        pack(">I", 2) + text(f"authority-{number}") + pack(">Q", 0) + text("X.509") + pack(">I", len(der)) + der
        for number, der in enumerate(certificates)
    ]
    store = pack(">III", 0xFEEDFEED, 2, len(entries)) + b"".join(entries)
    seal = sha1(PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + store, usedforsecurity=False)
    return store + seal.digest()


def text(value: str) -> bytes:
    return pack(">H", len(value)) + value.encode("ascii")
