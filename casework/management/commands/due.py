"""``manage.py due``: reckon anew when the answers are due that are still waited for."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from casework.clock import dues
from casework.models import Turn


class Command(BaseCommand):
    help = "Reckon anew when answers are due, after a holiday changed; what is answered stays."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = dues.renew(timezone.now())
        unsure = Turn.objects.filter(answered_at=None, ended_at=None, due_is_sure=False).count()
        self.stdout.write(f"{changed} answers are due at another time, {unsure} not sure")
