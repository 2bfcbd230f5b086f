from django.urls import path

from cilegon_portal.dashboard.views import codes, matching, money, people

app_name = "dashboard"

urlpatterns = [
    path("", people.start, name="start"),
    path("orang/", people.people, name="people"),
    path("orang/bantu/", people.assist, name="assist"),
    path("orang/kode/", codes.counter_code, name="counter_code"),
    path("orang/<int:pk>/", people.person, name="person"),
    path("orang/<int:pk>/nik/", people.reveal, name="reveal"),
    path("orang/<int:pk>/bayar/", money.receive, name="receive"),
    path("pembayaran/<int:pk>/batalkan/", money.reverse_payment, name="reverse_payment"),
    path("pencocokan/", matching.matches, name="matches"),
    path("pencocokan/<int:pk>/", matching.match, name="match"),
    path("hitung-ulang/", money.repricings, name="repricings"),
    path("hitung-ulang/<int:pk>/setujui/", money.approve_repricing, name="approve_repricing"),
]
