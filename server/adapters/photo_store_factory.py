"""The choice between the stores of photos: a folder, or a bucket that speaks S3."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from server.adapters.photo_folder import FolderStore
from server.adapters.photo_store import PhotoStore

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def photo_store(url: str, *, access_key: str = "", secret: str = "") -> PhotoStore:
    """Return the store at a folder's path or at `s3://bucket?endpoint=…&region=…`. Raises ValueError if it is wrong.

    `addressing=virtual` puts the bucket's name before the endpoint's host, as some clouds demand.
    """
    if "://" not in url:
        return FolderStore(Path(url))
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_bucket_url(parts, options)
    if not access_key or not secret:
        raise ValueError("a bucket needs an access key and a secret, given apart from its URL")
    # The library for buckets is large: it is loaded only if a bucket is used.
    from server.adapters.photo_bucket import BucketStore

    return BucketStore(
        parts.netloc,
        endpoint=options["endpoint"],
        region=options["region"],
        credential={"access_key_id": access_key, "secret_access_key": secret, "expires_at": None},
        virtual_host=options.get("addressing") == "virtual",
    )


def _check_bucket_url(parts: SplitResult, options: dict[str, str]) -> None:
    """Refuse a malformed URL without repeating it: it may contain a secret by mistake."""
    if parts.scheme != "s3":
        raise ValueError("photos are kept in a folder or at s3://")
    if BUCKET_NAME.fullmatch(parts.netloc) is None or parts.path or parts.fragment:
        raise ValueError("between s3:// and ? stands the bucket's name alone, without credentials")
    if not {"endpoint", "region"} <= options.keys() <= {"endpoint", "region", "addressing"}:
        raise ValueError("a bucket's URL has endpoint and region, it may have addressing, and nothing else")
    if options.get("addressing", "path") not in {"path", "virtual"}:
        raise ValueError("addressing is path or virtual")
