"""What the environment may decide. Every setting is here, and docs/settings.md is made from here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from `TIEFEN_…` variables; an argument given by hand wins."""

    model_config = SettingsConfigDict(env_prefix="TIEFEN_", extra="ignore", frozen=True)

    data: Path = Field(Path("data"), description="The folder that holds everything: store, lake, uploads, readings.")
    database_url: str = Field(
        "", description="`sqlite:///…` or `postgresql://…`; empty means SQLite in the data folder."
    )
    engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="The engine that answers questions over the lake: in this process, or on a Spark cluster."
    )
    spark_url: str = Field("sc://127.0.0.1:15002", description="Where the cluster's Spark Connect server is.")
    spark_lake: str = Field(
        "",
        description="Where the cluster finds a copy of the lake's folder (`s3a://…`); empty: at the same path as here.",
    )
    host: str = Field("127.0.0.1", description="The address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port the server listens on.")
    time_zone: str = Field("Asia/Shanghai", description="The time zone of a corp made on first start.")
    currency: str = Field("CNY", description="The currency of a corp made on first start.")
    secure_cookies: bool = Field(False, description="Mark cookies `Secure`; set it behind HTTPS.")
    lake_threads: int = Field(0, ge=0, description="Threads for questions over the lake; 0 means every core.")
    lake_memory_mb: int = Field(2048, ge=64, description="Memory for one question over the lake, in MB.")
    flush_seconds: float = Field(20.0, gt=0, description="How often recent facts are moved into the lake.")
    callback_days: int = Field(
        30, ge=1, description="How many days WeCom's callbacks are kept as they came, for a replay."
    )
    wecom_reading_hour: int = Field(
        3, ge=0, le=23, description="The hour of the company's day from which everything is read from WeCom anew."
    )
    reading_seconds: float = Field(60.0, gt=0, description="The least time between two readings of everything.")

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the store."""
        url = self.database_url or f"sqlite:///{self.data / 'store.db'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
            "postgres://", "postgresql+psycopg://", 1
        )
