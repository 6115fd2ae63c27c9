"""Faults of a bucket, and wrong bucket URLs."""

import logging
import socket
import traceback

import pytest

from server.adapters.photo_store_factory import photo_store
from server.errors.photos import PhotosUnavailable
from tests.adapters.buckets import BUCKET, KEY, bucket_at, odd_bucket, s3  # noqa: F401 - a fixture

PHOTO = b"\xff\xd8 a photo \xff\xd9"
NAME = "0f3a-77/9c.jpg"


async def test_a_bucket_that_is_not_there_is_a_fault_and_not_an_empty_one(s3: str):  # noqa: F811
    store = photo_store(f"s3://another-bucket?endpoint={s3}&region=cn-1", **KEY)

    for attempt in (store.put(NAME, PHOTO), store.get(NAME), store.delete(NAME)):
        with pytest.raises(PhotosUnavailable):
            await attempt


async def test_a_bucket_that_does_not_answer_is_given_up(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = bucket_at(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=0.2)
        with pytest.raises(PhotosUnavailable):
            await store.put(NAME, PHOTO)

    assert "Timeout" in caplog.text


async def test_logged_fault_names_its_reason_and_no_key(caplog):
    caplog.set_level(logging.DEBUG)
    async with odd_bucket(403, "SignatureDoesNotMatch") as refusing:
        store = bucket_at(refusing.url)
        with pytest.raises(PhotosUnavailable) as fault:
            await store.get(NAME)

    told = caplog.text + "".join(traceback.format_exception(fault.value))
    assert "SignatureDoesNotMatch" in told
    assert "canary" not in told + repr(store._bucket.config) + repr(store._bucket)


async def test_a_cloud_that_misses_what_it_shall_delete_has_deleted_it():
    async with odd_bucket(404, "NoSuchKey") as forgetful:
        await bucket_at(forgetful.url).delete(NAME)

    assert forgetful.requests[0].startswith(b"DELETE ")


async def test_bucket_settings_of_the_environment_are_ignored(s3: str, monkeypatch):  # noqa: F811
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_REGION", "elsewhere")
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    store = photo_store(f"s3://{BUCKET}?endpoint={s3}&region=cn-1", **KEY)

    await store.put(NAME, PHOTO)

    assert await store.get(NAME) == PHOTO


async def test_a_request_is_signed_with_the_key_of_the_settings_alone(monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-somebody-else")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    async with odd_bucket(404, "NoSuchKey") as bucket:
        await bucket_at(bucket.url).get(NAME)

    (request,) = bucket.requests
    assert b"Credential=canary-key/" in request
    assert b"/cn-1/s3/" in request
    assert b"of-somebody-else" not in request
    assert b"canary-secret" not in request


async def test_a_bucket_may_stand_before_the_name_of_its_host():
    url = f"s3://{BUCKET}?endpoint=https://oss.example.com:8443&region=cn-1&addressing=virtual"

    assert photo_store(url, **KEY).address == f"https://{BUCKET}.oss.example.com:8443"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("ftp://b0b?endpoint=https://a&region=r", "folder or at s3"),
        ("s3://key:canary@b0b?endpoint=https://a&region=r", "bucket's name alone"),
        ("s3://b0b/canary?endpoint=https://a&region=r", "bucket's name alone"),
        ("s3://?endpoint=https://a&region=r", "bucket's name alone"),
        ("s3://b0b?region=canary", "endpoint and region"),
        ("s3://b0b?endpoint=https://a&region=r&secret=canary", "endpoint and region"),
        ("s3://b0b?endpoint=https://a&region=r&addressing=canary", "path or virtual"),
        ("s3://b0b?endpoint=canary&region=r", "without credentials"),
        ("s3://b0b?endpoint=https://key:canary@a&region=r", "without credentials"),
        ("s3://b0b?endpoint=https://a/canary&region=r", "no path"),
        ("s3://b0b?endpoint=http://10.0.0.1&region=r", "https alone"),
        ("s3://b0b?endpoint=http://minio&region=r", "https alone"),
    ],
)
def test_a_wrong_url_is_refused_without_being_repeated(url: str, wrong: str):
    with pytest.raises(ValueError, match=wrong) as refusal:
        photo_store(url, **KEY)

    assert "canary" not in str(refusal.value)


def test_a_bucket_without_its_key_is_refused():
    with pytest.raises(ValueError, match="access key"):
        photo_store("s3://b0b?endpoint=https://a&region=r")
