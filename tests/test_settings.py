"""Settings: production refuses weak ones, and errors show no secret."""

import pytest
from pydantic import ValidationError

from server.settings import Settings

GOOD = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "mysql://stations:secret@127.0.0.1/stations",
    "SIGNING_SECRET": "s" * 32,
    "WECHAT_APP_ID": "wx1",
    "WECHAT_APP_SECRET": "canary-secret",
    "ALARM_URL": "http://127.0.0.1:9/alarms",
    "PUBLIC_URL": "https://stations.example.cn",
}


def test_production_starts_with_everything_it_needs():
    assert Settings.from_environment(GOOD).environment == "production"


@pytest.mark.parametrize(
    "missing", ["DATABASE_URL", "SIGNING_SECRET", "WECHAT_APP_ID", "WECHAT_APP_SECRET", "ALARM_URL", "PUBLIC_URL"]
)
def test_production_refuses_to_start_without(missing):
    with pytest.raises(ValidationError, match=missing):
        Settings.from_environment({name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize("secret", ["short", "only-for-development-" * 2])
def test_production_refuses_a_weak_secret(secret):
    with pytest.raises(ValidationError, match="SIGNING_SECRET"):
        Settings.from_environment(GOOD | {"SIGNING_SECRET": secret})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "https://127.0.0.1",
        "https://localhost:8000",
        "https://[::1]",
        "https://[",
        "https://",
        "http://stations.example.cn",
        "stations.example.cn",
    ],
)
def test_production_refuses_a_public_url_that_phones_cannot_use(url):
    with pytest.raises(ValidationError, match="PUBLIC_URL"):
        Settings.from_environment(GOOD | {"PUBLIC_URL": url})


def test_error_names_the_setting_and_shows_no_secret():
    with pytest.raises(ValidationError) as refused:
        Settings.from_environment(GOOD | {"PORT": "many", "ALARM_URL": ""})

    assert "port" in str(refused.value)
    assert "canary-secret" not in str(refused.value)


def test_printed_settings_show_no_secret():
    assert "canary-secret" not in repr(Settings.from_environment(GOOD))
