"""The pages of allauth that we use, under our addresses; their names are allauth's."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.urls import path, re_path

from cilegon_portal.accounts import views

urlpatterns = [
    path("petugas/masuk/", account.login, name="account_login"),
    path("akun/", views.my_account, name="mfa_index"),
    path("akun/keluar/", views.sign_out, name="account_logout"),
    path("akun/nonaktif/", account.account_inactive, name="account_inactive"),
    path("akun/pastikan/", account.reauthenticate, name="account_reauthenticate"),
    path("akun/kata-sandi/", account.password_change, name="account_change_password"),
    path("akun/kata-sandi/pasang/", views.not_here, name="account_set_password"),
    path("akun/kata-sandi/lupa/", account.password_reset, name="account_reset_password"),
    path(
        "akun/kata-sandi/lupa/terkirim/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "akun/kata-sandi/baru/selesai/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^akun/kata-sandi/baru/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("akun/kode/", mfa.authenticate, name="mfa_authenticate"),
    path("akun/kode/pastikan/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("akun/totp/", totp.activate_totp, name="mfa_activate_totp"),
    path("akun/totp/lepas/", views.not_here, name="mfa_deactivate_totp"),
    path("akun/kode-cadangan/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "akun/kode-cadangan/buat/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "akun/kode-cadangan/unduh/",
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("akun/perangkat/", sessions.list_usersessions, name="usersessions_list"),
]
