from django.urls import path

from cilegon_portal.accounts import views

app_name = "accounts"

urlpatterns = [
    path("masuk/", views.sign_in, name="sign_in"),
    path("masuk/kode/", views.sign_in_code, name="sign_in_code"),
    path("masuk/kode/lagi/", views.send_again, name="send_again"),
    path("masuk/belum-terdaftar/", views.unknown_number, name="unknown_number"),
    path("keluar/", views.sign_out, name="sign_out"),
]
