from django.urls import path

from cilegon_portal.accounts import views

app_name = "demo"

urlpatterns = [
    path("totp/", views.demo_codes, name="totp"),
    path("pesan/", views.demo_messages, name="messages"),
]
