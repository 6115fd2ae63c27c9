"""Buckets to test against: a real server that speaks S3, and one that answers what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from server.adapters.photo_bucket import BucketStore

BUCKET = "luzhou-photos"
KEY = {"access_key": "canary-key", "secret": "canary-secret"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Give the address of a server that speaks S3 and has one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    httpx.post(f"{address}/moto-api/reset")  # it remembers the buckets of an earlier one in this interpreter
    owner = boto3.client(
        "s3", endpoint_url=address, region_name="cn-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    owner.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "cn-1"})
    owner.close()
    yield address
    server.stop()


class OddBucket:
    """Answers every request with the same, and remembers the requests."""

    def __init__(self, status: int, body: bytes) -> None:
        self.answer = b"HTTP/1.1 %d Odd\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body)) + body
        self.requests: list[bytes] = []
        self.url = ""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def odd_bucket(status: int, code: str) -> AsyncIterator[OddBucket]:
    """Run a server that answers every request with this status and code, and repeats the key as some do."""
    bucket = OddBucket(
        status, f"<Error><Code>{code}</Code><AWSAccessKeyId>canary-key</AWSAccessKeyId></Error>".encode()
    )
    async with await asyncio.start_server(bucket.meet, "127.0.0.1", 0) as server:
        bucket.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        yield bucket


def bucket_at(endpoint: str, *, timeout_seconds: float = 60) -> BucketStore:
    """Give a store on the bucket, which gives up after so long."""
    credential = {"access_key_id": KEY["access_key"], "secret_access_key": KEY["secret"], "expires_at": None}
    return BucketStore(BUCKET, endpoint=endpoint, region="cn-1", credential=credential, timeout_seconds=timeout_seconds)
