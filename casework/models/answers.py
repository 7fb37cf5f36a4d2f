"""Words that staff may begin an answer with; an operator changes them, each with its source."""

from django.db import models

from casework.models.workflow import State
from reports.models import Category


class AnswerTemplate(models.Model):
    """Words in Bahasa Indonesia for a step, of one category or of any; what is filled in stands in braces."""

    code = models.TextField(primary_key=True)
    category = models.ForeignKey(Category, models.CASCADE, null=True, db_index=False)
    to_state = models.ForeignKey(State, models.CASCADE, db_index=False)
    title = models.TextField()
    text = models.TextField()
    source = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(source=""), name="answer_template_has_a_source"
            )
        ]
