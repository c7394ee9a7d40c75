from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from knox.models import AbstractAuthToken

from accounts.roles import App, Role, admits

NO_CONTROL_CHARACTERS = RegexValidator(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029]",
    "Control characters are not allowed.",
    code="control_character",
    inverse_match=True,
)
E164 = RegexValidator(r"^\+[1-9][0-9]{6,14}\Z", "Enter the number as +919876543210.")


class UserManager(BaseUserManager["User"]):
    """Makes accounts; without a password nobody can log in by one."""

    def create_user(self, *, role: str, password: str | None = None, **fields: Any) -> User:
        """Return a new account; the password is not judged here."""
        user = self.model(role=role, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, password: str | None = None, **fields: Any) -> User:
        """Return an ADMIN who may do everything in the admin site."""
        fields = {"role": Role.ADMIN, **fields, "is_staff": True, "is_superuser": True}
        return self.create_user(password=password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """One person. Phone and email each lead to at most one account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=150, blank=True, validators=[NO_CONTROL_CHARACTERS])
    phone = models.CharField(
        max_length=16, unique=True, null=True, blank=True, validators=[E164], help_text="E.164"
    )
    email = models.EmailField(max_length=254, unique=True, null=True, blank=True)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("may enter the admin", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "id"]
        permissions: ClassVar = [
            ("reveal_personal_data", "Can see full numbers and addresses, with a reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at", "id"], name="user_newest")]
        constraints: ClassVar = [
            # Two spellings of one address would be two accounts for one mailbox.
            models.CheckConstraint(
                condition=models.Q(email__isnull=True) | models.Q(email=Lower("email")),
                name="user_email_lowercase",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.name or self.pk}"

    def clean(self) -> None:
        super().clean()
        # Before it is lower-cased: of the Kelvin sign that makes a "k".
        if self.email and not self.email.isascii():
            raise ValidationError("The address must be plain ASCII: nobody could log in by it.")
        self._normalize()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a disabled account, or one with another role, loses the tokens it may not use."""
        self._normalize()
        super().save(*args, **kwargs)
        fields: Iterable[str] | None = kwargs.get("update_fields")
        if fields is None or {"is_active", "role"} & set(fields):
            self._end_tokens_out_of_place()

    def _normalize(self) -> None:
        # Empty strings would collide on the unique columns.
        self.email = self.email.strip().lower() or None if self.email else None
        self.phone = self.phone or None

    def _end_tokens_out_of_place(self) -> None:
        tokens = AuthToken.objects.filter(user_id=self.pk)
        if self.is_active:
            tokens = tokens.exclude(
                app__in=[app for app in App.values if admits(app=app, role=self.role)]
            )
        tokens.delete()


class AuthToken(AbstractAuthToken):  # type: ignore[misc]  # knox is untyped
    """A session: only the token's SHA-512 is kept, and the app that it was made for."""

    app = models.CharField(max_length=10, choices=App)

    def __str__(self) -> str:
        return f"{self.app} of {self.user_id}"


class SecurityEvent(models.Model):
    """Who did what to whom, when, from where, and how it ended. Insert-only (S57, S58).

    People are named by account id, or by mask and keyed fingerprint where there is no account.
    Only `purge_records` and `subject_data erase` remove or blank rows.
    """

    class Kind(models.TextChoices):
        LOGIN = "login"
        LOGOUT = "logout"
        PASSWORD_RESET = "password_reset"  # noqa: S105  (no password)
        SECOND_FACTOR = "second_factor"
        LIMIT = "limit", "Limit reached"
        DENIED = "denied", "Access denied"
        SAS_ISSUED = "sas_issued"  # until the ledger of links (documents.SASGrant)
        PERSONAL_DATA_REVEALED = "personal_data_revealed"
        ACCOUNT_CHANGED = "account_changed"
        SESSIONS_ENDED = "sessions_ended"
        DOCUMENT_CONFIRMED = "document_confirmed"
        DOCUMENT_DELETED = "document_deleted"
        KEY_ROTATION = "key_rotation"
        PROVIDER_SWITCHED = "provider_switched"
        ALERT_SEEN = "alert_seen"
        LOCK_LIFTED = "lock_lifted"
        DEMO_NUMBER = "demo_number"
        SUPPRESSION_LIFTED = "suppression_lifted"
        RECORDS_PURGED = "records_purged"
        SUBJECT_EXPORTED = "subject_exported"
        SUBJECT_ERASED = "subject_erased"

    class Result(models.TextChoices):
        OK = "ok"
        REFUSED = "refused"

    kind = models.CharField(max_length=30, choices=Kind)
    result = models.CharField(max_length=10, choices=Result)
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, help_text="The account that acted; empty: a stranger")
    subject_masked = models.CharField(max_length=255, blank=True)
    subject_fingerprint = models.CharField(max_length=64, blank=True)
    client_address = models.CharField(max_length=50, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="securityevent_at"),
            models.Index(fields=["actor_id", "-at"], name="securityevent_actor"),
            models.Index(fields=["subject_fingerprint"], name="securityevent_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.result} {self.at:%Y-%m-%d %H:%M}"
