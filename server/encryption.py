"""Encryption of stored texts: nobody without the secret can read a text, or make one."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class UnreadableError(Exception):
    """The bytes were not encrypted with this secret, purpose and place."""


class TextCipher:
    """Encrypts texts under a key derived from a secret and what it is for: AES-GCM, with a new nonce each time.

    The place of a text is not secret. It is bound to it, so a text that was moved or copied elsewhere is unreadable.
    """

    def __init__(self, secret: bytes, *, purpose: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
        self._cipher = AESGCM(derive.derive(secret))

    def encrypt(self, text: str, *, place: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def decrypt(self, encrypted: bytes, *, place: str) -> str:
        """Return the text. Raises `UnreadableError`."""
        nonce, rest = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, place.encode()).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: too short for a nonce
            raise UnreadableError from error
