"""What is said when a process starts."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """The app of feeds and doors that take."""

    name = "ingest"

    def ready(self) -> None:
        """Warn of settings that are read no more."""
        from ingest.doors import api_keys

        api_keys.warn_of_former()
