"""A cache for secrets: a reader of Redis cannot use what it holds, and a writer cannot make a value."""

from server.adapters.redis import RedisCache
from server.encryption import TextCipher, UnreadableError


class EncryptedCache:
    """Texts in Redis, shared by all instances with the same secret and encrypted under a key that it gives."""

    def __init__(self, cache: RedisCache, *, secret: bytes, prefix: str) -> None:
        self._cache = cache
        self._prefix = prefix
        self._cipher = TextCipher(secret, purpose=f"cache of {prefix}")

    async def get(self, key: str) -> str | None:
        """Return the text, or None if there is none, or one that no instance of ours wrote under this key."""
        name = self._name(key)
        found = await self._cache.get(name)
        try:
            return None if found is None else self._cipher.decrypt(found, place=name)
        except UnreadableError:
            return None

    async def set(self, key: str, value: str, seconds: int) -> None:
        name = self._name(key)
        await self._cache.set(name, self._cipher.encrypt(value, place=name), seconds)

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{key}"
