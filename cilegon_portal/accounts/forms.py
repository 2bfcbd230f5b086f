"""Sign-in forms: our own for phones, and allauth's with our words."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm as CodeAgainForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.cache import cache
from django.http import HttpRequest

from cilegon_portal.accounts.models import PhoneCode, User
from cilegon_portal.accounts.passwords import SHORTEST, SHORTEST_OF_STAFF
from cilegon_portal.fields import blind_index
from cilegon_portal.forms import CodeField, PhoneField

NEW_PASSWORD_HINT = (
    f"Paling sedikit {SHORTEST} karakter, petugas kantor {SHORTEST_OF_STAFF}. "
    "Beberapa kata yang tidak berhubungan lebih mudah diingat."
)
EMAIL_FORM = "Alamat e-mail harus seperti nama@contoh.id"
USED_CODE = "Kode ini sudah dipakai. Tunggu kode berikutnya di aplikasi."
CODE_HINT = "6 angka di aplikasi autentikator, atau satu kode cadangan"


def say(form: forms.BaseForm, name: str, label: str, empty: str, hint: str = "") -> None:
    """Give one field of a package's form our label, hint and sentence for "nothing filled in"."""
    field = form.fields[name]
    field.label = label
    field.help_text = hint
    field.error_messages["required"] = empty
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.pop("autofocus", None)


class PhoneForm(forms.Form):
    """The number to sign in with, and the way the code takes."""

    phone = PhoneField(label="Nomor HP", help_text="Nomor yang Anda pakai saat mendaftar")
    channel = forms.ChoiceField(
        label="Kirim kode lewat",
        choices=[(PhoneCode.Channel.SMS, "SMS"), (PhoneCode.Channel.WA, "WhatsApp")],
        initial=PhoneCode.Channel.SMS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih SMS atau WhatsApp",
            "invalid_choice": "Pilih SMS atau WhatsApp",
        },
    )


class PhoneCodeForm(forms.Form):
    """The six digits, and the sealed name of what they are for."""

    code = CodeField()
    ticket = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1_000)


class PasswordSignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "login", "Alamat e-mail", "Isi alamat e-mail")
        say(self, "password", "Kata sandi", "Isi kata sandi")
        self.fields["login"].error_messages["invalid"] = EMAIL_FORM
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one, typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "oldpassword", "Kata sandi sekarang", "Isi kata sandi sekarang")
        say_new_password(self)


class NewPassword(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, typed twice, by the link of a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_new_password(self)


def say_new_password(form: forms.BaseForm) -> None:
    say(form, "password1", "Kata sandi baru", "Isi kata sandi baru", NEW_PASSWORD_HINT)
    say(form, "password2", "Kata sandi baru, sekali lagi", "Isi kata sandi baru sekali lagi")


class AskForPassword(ResetPasswordForm):  # type: ignore[misc]
    """The address that the link for a new password goes to; it never tells who has an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "email", "Alamat e-mail", "Isi alamat e-mail")
        self.fields["email"].error_messages["invalid"] = EMAIL_FORM

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        self.users = list(User.objects.filter(email=email, is_active=True))
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link, or a letter that there is no account: the same work either way (P1)."""
        email: str = super().save(request, **kwargs)
        if not self.users:
            for _ in range(2):  # allauth asks twice which addresses belong to a user
                EmailAddress.objects.filter(email=email).exists()
            get_adapter().send_mail("account/email/unknown_account", email, {})
        return email


class PasswordAgain(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something is changed that protects the account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "password", "Kata sandi", "Isi kata sandi")


def used_before(user: User, code: str) -> bool:
    """Note a code and tell whether this user gave it in the last minute and a half.

    allauth remembers a code for one period; a code is taken for three (MFA_TOTP_TOLERANCE).
    """
    mark = blind_index("accounts.totp", f"{user.pk}:{''.join(code.split())}").hex()
    return not cache.add(f"totp-used:{mark}", 1, timeout=90)


class SecondFactorCode(AuthenticateForm):  # type: ignore[misc]
    """The code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "code", "Kode", "Masukkan kode", CODE_HINT)

    def clean_code(self) -> str:
        code = str(super().clean_code())
        if used_before(self.user, code):
            raise forms.ValidationError(USED_CODE, code="used")
        return code


class SecondFactorAgain(CodeAgainForm):  # type: ignore[misc]
    """The code once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "code", "Kode", "Masukkan kode", CODE_HINT)

    def clean_code(self) -> str:
        code = str(super().clean_code())
        if used_before(self.user, code):
            raise forms.ValidationError(USED_CODE, code="used")
        return code


class ActivateTotp(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a newly set up authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "code", "Kode dari aplikasi", "Masukkan kode", "6 angka")
