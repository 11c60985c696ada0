"""Names for customers that only the owner of the store's key can lead back to them."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dangol.errors import StoreError

KEY_BYTES = 32


def pseudonym(home: Path, customer_id: str) -> str:
    """HMAC-SHA256 of the id in hex, with the key `pseudonyms.key` of a store's home, which is made at its first use.

    Raises StoreError when the key is not the owner's alone, or is no key.
    """
    return pseudonyms(home, [customer_id])[0]


def pseudonyms(home: Path, customer_ids: Sequence[str]) -> list[str]:
    """`pseudonym` of each id, in their order; without any the key is not looked at."""
    key = key_of(home) if customer_ids else b""
    return [hmac.new(key, customer_id.encode(), hashlib.sha256).hexdigest() for customer_id in customer_ids]


def key_of(home: Path) -> bytes:
    path = home / "pseudonyms.key"
    if not path.exists():
        make_key(path)
    if path.stat().st_mode & 0o077:
        raise StoreError(f"{path} can be read by others than its owner, expected mode 600; run chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} has {len(key)} bytes, expected {KEY_BYTES}; put back the key from a backup")
    return key


def make_key(path: Path) -> None:
    """Appears whole or not at all, and never over one that another process has made meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_bytes(KEY_BYTES))
        os.fsync(file)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.close(file)
        draft.unlink()
