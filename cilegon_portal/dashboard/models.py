"""What somebody of the office wants to see again: filters under a name, and chosen columns."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cilegon_portal.accounts.models import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of_table(self, table: str) -> Self:
        return self.filter(table=table)

    def visible_to(self, user: User) -> Self:
        """Filter to what `user` saved, and what colleagues share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))

    def by_name(self) -> Self:
        return self.order_by("name", "pk")


class SavedView(models.Model):
    """A name for the filters, order and columns of a list; its owner's own, or shared."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    table = models.CharField("daftar", max_length=30)
    name = models.CharField("nama", max_length=60)
    query = models.CharField("saringan", max_length=2000, blank=True)
    is_shared = models.BooleanField("dipakai bersama", default=False)
    saved_at = models.DateTimeField("disimpan pada")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = "saringan tersimpan"
        verbose_name_plural = "saringan tersimpan"
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_stands_once_an_owner",
                fields=["owner", "table", "name"],
                violation_error_message="Anda sudah punya saringan dengan nama ini.",
            ),
            models.CheckConstraint(
                name="saved_view_has_a_name",
                condition=~Q(name=""),
                violation_error_message="Isi nama saringan.",
            ),
        ]
        indexes = [
            models.Index(fields=["table"], name="saved_view_shared", condition=Q(is_shared=True)),
        ]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(models.Model):
    """Which columns of a list somebody wants to see, until they choose again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    table = models.CharField("daftar", max_length=30)
    names = ArrayField(models.CharField(max_length=30), verbose_name="kolom")

    class Meta:
        verbose_name = "kolom pilihan"
        verbose_name_plural = "kolom pilihan"
        constraints = [
            models.UniqueConstraint(
                name="chosen_columns_are_one_a_user_and_table", fields=["user", "table"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.table}"
