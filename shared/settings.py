"""What every service is told from outside, read once at start: environment variables or files of secrets."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRETS = Path("/run/secrets")


class ServiceSettings(BaseSettings):
    """Settings that all services share. Each is `LEDSTJARNA_<NAME>` in the environment, or a file of that name (in
    lower case) in the directory of secrets. What is secret has no default."""

    model_config = SettingsConfigDict(
        env_prefix="LEDSTJARNA_", secrets_dir=SECRETS if SECRETS.is_dir() else None, frozen=True
    )

    amqp_url: str
    mongo_url: str = Field(description="with the service's own database as its path")
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    public_url: str = Field(description="where people's links lead, for example https://ledarskap.kommun.example")
    link_keys: Annotated[tuple[str, ...], NoDecode] = Field(min_length=1, description="comma separated, newest first")
    tokens_file: Path = Field(description="JSON list of {sha256, role, name}: programs and people that may sign in")
    clock: str = "real"
    time_zone: str = "Europe/Stockholm"
    log_level: str = "info"
    otlp_url: str = Field("", description="a collector of spans (OTLP over HTTP), for example http://collector:4318")
    revision: str = Field("unknown", description="of the sources, as the metrics tell it; set where an image is made")

    @field_validator("link_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(key.strip() for key in value.split(",") if key.strip()) if isinstance(value, str) else value

    @property
    def zone(self) -> ZoneInfo:
        """The municipality's time zone."""
        return ZoneInfo(self.time_zone)
