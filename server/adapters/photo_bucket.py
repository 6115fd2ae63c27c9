"""Photos in a bucket that speaks S3."""

import ipaddress
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from server.adapters.photo_store import path_in_store, raise_unavailable

if TYPE_CHECKING:
    from obstore.store import S3Credential


def _endpoint(url: str) -> tuple[str, str]:
    """Return scheme and host with port. Raises ValueError if photos would leave this machine unencrypted."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("a bucket's endpoint is http(s)://host:port, without credentials")
    if parts.path.strip("/") or parts.query:
        raise ValueError("a bucket's endpoint has no path")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise ValueError("a bucket on another machine is spoken to by https alone")
    return parts.scheme, parts.netloc


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class BucketStore:
    """Photos in a bucket that speaks S3."""

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str,
        region: str,
        credential: "S3Credential",
        virtual_host: bool = False,
        timeout_seconds: float = 8,
    ) -> None:
        scheme, host = _endpoint(endpoint)
        self.address = f"{scheme}://{bucket}.{host}" if virtual_host else f"{scheme}://{host}"
        limit = timedelta(seconds=timeout_seconds)
        self._bucket = S3Store(
            bucket,
            # Passed twice and in full: the library would read missing parts from the environment.
            endpoint=self.address,
            aws_endpoint_url_s3=self.address,
            region=region,
            # A provider instead of a value: the library prints its values.
            credential_provider=lambda: credential,
            skip_signature=False,
            virtual_hosted_style_request=virtual_host,
            disable_bulk_delete=True,  # not every cloud has it
            client_options={"allow_http": scheme == "http", "timeout": limit, "connect_timeout": limit / 4},
            retry_config={"max_retries": 2, "retry_timeout": limit},
        )

    async def put(self, name: str, content: bytes) -> None:
        kind = {"Content-Type": "image/jpeg"}
        with self._raise_unavailable("keep"):
            await self._bucket.put_async(path_in_store(name), content, attributes=kind, use_multipart=False)

    async def get(self, name: str) -> bytes | None:
        with self._raise_unavailable("read"):
            try:
                reply = await self._bucket.get_async(path_in_store(name))
                return bytes(await reply.bytes_async())
            except FileNotFoundError as missing:
                if "NoSuchBucket" in str(missing):
                    raise
                return None

    async def delete(self, name: str) -> None:
        with self._raise_unavailable("delete"):
            try:
                await self._bucket.delete_async(path_in_store(name))
            except FileNotFoundError as missing:
                if "NoSuchBucket" in str(missing):
                    raise

    async def close(self) -> None:
        """Do nothing: idle connections close themselves."""

    def _raise_unavailable(self, action: str) -> AbstractContextManager[None]:
        return raise_unavailable(action, self.address, BaseError)
