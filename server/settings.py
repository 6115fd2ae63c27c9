"""Every setting. Only this module reads the environment, where a setting has its name in capitals."""

import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

DEFAULT_SECRET = "only-for-development-" * 2
SECRET_LENGTH = 32


class Settings(BaseModel):
    # The error names a wrong setting and hides its value, which may be a secret.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    environment: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses to start with a default secret, with SQLite, with a `PUBLIC_URL` that "
        "phones cannot use, or without WeChat's app id and secret or an alarm gateway",
    )
    host: str = Field("127.0.0.1", description="Address the server listens on")
    port: int = Field(8000, description="Port of the API")
    metrics_port: int = Field(0, description="Port of `GET /metrics` for Prometheus, on HOST; 0: none")
    database_url: str = Field(
        "sqlite:///.data/stations.db",
        description="`sqlite:///file` or `mysql://user:password@host:port/name`; write `@ / # : %` in a password as "
        "`%40 %2F %23 %3A %25`",
    )
    database_pool: int = Field(
        10, ge=1, le=200, description="Connections an instance keeps, and requests it handles at the same time"
    )
    waiting_requests: int = Field(
        2000, ge=0, description="Requests that may wait for a connection; the next one is answered 503"
    )
    deadline_seconds: float = Field(10, gt=0, description="After this time a request is cancelled and answered 503")
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Redis or Valkey; holds only data that may be lost")
    wechat_base_url: str = Field("https://api.weixin.qq.com", description="WeChat's server, or a fake one")
    wechat_app_id: str = Field("", description="The mini-program's app id")
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="The mini-program's app secret")
    photo_store: str = Field(
        ".data/photos", description="A folder, or `s3://bucket?endpoint=…&region=…` for an S3-compatible bucket"
    )
    photo_store_key: SecretStr = Field(SecretStr(""), description="The bucket's access key")
    photo_store_secret: SecretStr = Field(SecretStr(""), description="The bucket's secret")
    signing_secret: SecretStr = Field(
        SecretStr(DEFAULT_SECRET),
        description="Signs the links to photos, pickup codes, certificates and posters, hides addresses in "
        "Redis, and encrypts WeChat's access token there; "
        "at least 32 characters, the same for all instances; a new one ends the links that are open; the default is "
        "for development only",
    )
    alarm_url: str = Field(
        "", description="Gateway that calls or texts a duty phone; alarms are sent to it by POST as JSON"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="URL at which phones reach this server; links to images, and QR codes, begin with it; "
        "in production `https://`, and not an address of the machine itself",
    )
    proxies: int = Field(0, ge=0, description="Reverse proxies in front whose X-Forwarded-For is trusted")
    session_days: int = Field(30, ge=1, le=365, description="A session that is not used for this many days ends")
    county_polygons: str = Field(
        "", description="GeoJSON file with county borders; empty: those of an installed package, if any"
    )
    notify_socket: str = Field(
        "", description="Socket of systemd's watchdog, which restarts a job runner that hangs; systemd sets it"
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of this process. The error for a wrong value names the setting."""
        return cls.model_validate(
            {name: environment[name.upper()] for name in cls.model_fields if environment.get(name.upper())}
        )

    @model_validator(mode="after")
    def _require_production_settings(self) -> Self:
        if self.environment == "production":
            wrong = []
            if (
                self.signing_secret.get_secret_value() == DEFAULT_SECRET
                or len(self.signing_secret.get_secret_value()) < SECRET_LENGTH
            ):
                wrong.append("SIGNING_SECRET")
            wrong += [name for name in ("wechat_app_id", "alarm_url") if not getattr(self, name)]
            if not self.wechat_app_secret.get_secret_value():
                wrong.append("WECHAT_APP_SECRET")
            if self.database_url.startswith("sqlite"):
                wrong.append("DATABASE_URL")
            if not _is_public(self.public_url):
                wrong.append("PUBLIC_URL (https, not this machine)")
            if wrong:
                raise ValueError("production needs " + ", ".join(name.upper() for name in wrong))
        return self


def _is_public(url: str) -> bool:
    """Return whether phones can reach the URL safely: by https, and not on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    try:
        is_local = ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        is_local = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "https" and bool(host) and not is_local
