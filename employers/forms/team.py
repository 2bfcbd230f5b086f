"""Forms of the people of a firm."""

from typing import Any

from django import forms

from cilegon_portal.accounts.models import Role
from cilegon_portal.forms import Hinted
from employers.forms.registration import EmailField, PasswordForm, named


class InviteForm(forms.Form):
    """Whom to invite, and what for."""

    email = EmailField(help_text="Undangan dikirim ke alamat ini dan berlaku 48 jam.")
    role = forms.ChoiceField(
        label="Sebagai",
        widget=forms.RadioSelect,
        choices=[
            (
                Role.REPORTER.value,
                Hinted("Pelapor", "Menyiapkan data upah. Tidak bisa menyetujui."),
            ),
            (
                Role.APPROVER.value,
                Hinted("Penyetuju", "Juga menyetujui data upah dan mengatur pengguna."),
            ),
        ],
        error_messages={
            "required": "Pilih pelapor atau penyetuju",
            "invalid_choice": "Pilih pelapor atau penyetuju",
        },
    )


class AcceptForm(PasswordForm):
    """Name and password of an invited person who has no account yet."""

    name = named("Nama Anda", "Isi nama Anda", autocomplete="name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "password1", "password2"])
