"""How a client gets in: PRELOGIN, TLS inside or before it, LOGIN7. Layout: MS-TDS 2.2.6.4, 2.2.6.5."""

from __future__ import annotations

import ipaddress
import ssl
import struct
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path

OFF, ON, NOT_SUPPORTED, REQUIRED = range(4)
"""What PRELOGIN says about encryption. `OFF` still encrypts the login itself."""
INTEGRATED = 0x80
"""Windows authentication (option flags 2)."""
FEATURES = 0x10
"""The client asks for extensions (option flags 3)."""
LEAST_PACKET, MOST_PACKET, USUAL_PACKET = 512, 32_767, 4096


class Tls(Enum):
    """What the server makes of encryption: it cannot, it can, it will have nothing else."""

    NONE = "none"
    OFFERED = "offered"
    REQUIRED = "required"


@dataclass(frozen=True)
class Login:
    """What a client says of itself."""

    user: str
    password: str
    database: str
    app: str
    host: str
    library: str
    packet_size: int
    tds: bytes
    integrated: bool
    features: bool


def asked_encryption(body: bytes) -> int:
    """What a PRELOGIN asks for; `NOT_SUPPORTED` where it says nothing."""
    at = 0
    while body[at] != 0xFF:
        token, offset, length = struct.unpack_from(">BHH", body, at)
        if token == 1 and length:
            return int(body[offset]) & 3
        at += 5
    return NOT_SUPPORTED


def agreed(asked: int, tls: Tls) -> int:
    """What the server answers to that (the table in MS-TDS 2.2.6.5)."""
    if tls is Tls.NONE:
        return NOT_SUPPORTED
    if asked == OFF:
        return REQUIRED if tls is Tls.REQUIRED else OFF
    if asked == NOT_SUPPORTED:
        return REQUIRED if tls is Tls.REQUIRED else NOT_SUPPORTED
    return ON


def prelogin(version: tuple[int, int, int], encryption: int) -> bytes:
    """The answer to PRELOGIN: version, encryption, no instance, no thread, no MARS."""
    major, minor, build = version
    values = (
        (0, bytes([major, minor, build >> 8, build & 255, 0, 0])),
        (1, bytes([encryption])), (2, b"\0"), (3, b""), (4, b"\0"),
    )  # fmt: skip
    offset = 5 * len(values) + 1
    head = body = b""
    for token, value in values:
        head += struct.pack(">BHH", token, offset + len(body), len(value))
        body += value
    return head + b"\xff" + body


def login7(body: bytes) -> Login:
    """The fields of LOGIN7. The password comes with its nibbles swapped and a5 over them."""

    def field(at: int) -> bytes:
        offset, length = struct.unpack_from("<HH", body, at)
        return body[offset : offset + 2 * length]

    def text(at: int) -> str:
        return field(at).decode("utf-16-le", "surrogatepass")

    bare = bytes(((each ^ 0xA5) >> 4 | (each ^ 0xA5) << 4) & 255 for each in field(44))
    size: int = struct.unpack_from("<I", body, 8)[0] or USUAL_PACKET
    return Login(
        user=text(40),
        password=bare.decode("utf-16-le", "surrogatepass"),
        database=text(68),
        app=text(48),
        host=text(36),
        library=text(60),
        packet_size=min(max(size, LEAST_PACKET), MOST_PACKET),
        tds=body[4:8][::-1],
        integrated=bool(body[25] & INTEGRATED),
        features=bool(body[27] & FEATURES),
    )


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for `localhost` and 127.0.0.1, and the context that shows it."""

    pem: bytes
    context: ssl.SSLContext


@lru_cache(maxsize=1)
def certificate() -> Certificate:
    """One for the whole run. TLS 1.2 at most: the session tickets of 1.3 hang every client inside PRELOGIN."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["tds/8.0"])
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder, "both.pem")
        both.write_bytes(pem + secret)
        context.load_cert_chain(both)
    return Certificate(pem, context)
