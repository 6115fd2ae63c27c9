"""A cache for secrets: a reader of Redis cannot use what it holds, and a writer cannot make a value."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.adapters.redis import RedisCache

NONCE_BYTES = 12


class EncryptedCache:
    """Texts in Redis, shared by all instances with the same secret and encrypted under a key that it gives."""

    def __init__(self, cache: RedisCache, *, secret: bytes, prefix: str) -> None:
        self._cache = cache
        self._prefix = prefix
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"cache of {prefix}".encode())
        self._cipher = AESGCM(derive.derive(secret))

    async def get(self, key: str) -> str | None:
        """Return the text, or None if there is none, or one that no instance of ours wrote under this key."""
        found = await self._cache.get(self._name(key))
        if found is None:
            return None
        try:
            name = self._name(key).encode()
            return self._cipher.decrypt(found[:NONCE_BYTES], found[NONCE_BYTES:], name).decode()
        except (InvalidTag, ValueError):  # ValueError: too short for a nonce
            return None

    async def set(self, key: str, value: str, seconds: int) -> None:
        nonce, name = secrets.token_bytes(NONCE_BYTES), self._name(key)
        await self._cache.set(name, nonce + self._cipher.encrypt(nonce, value.encode(), name.encode()), seconds)

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{key}"
