from django.urls import path

from cilegon_portal.dashboard.views import (
    codes,
    differences,
    firm,
    firm_changes,
    firm_sheets,
    firm_terms,
    firms,
    matching,
    money,
    people,
    registrations,
)

app_name = "dashboard"

urlpatterns = [
    path("", people.start, name="start"),
    path("orang/", people.people, name="people"),
    path("orang/bantu/", people.assist, name="assist"),
    path("orang/kode/", codes.counter_code, name="counter_code"),
    path("orang/<int:pk>/", people.person, name="person"),
    path("orang/<int:pk>/nik/", people.reveal, name="reveal"),
    path("orang/<int:pk>/bayar/", money.receive, name="receive"),
    path("perusahaan/", firms.firms, name="firms"),
    path("perusahaan/unduh/", firm_sheets.export, name="firms_export"),
    path("perusahaan/kolom/", firms.choose_columns, name="choose_columns"),
    path("perusahaan/saringan/", firms.saved_views, name="saved_views"),
    path("perusahaan/saringan/<int:pk>/hapus/", firms.forget_view, name="forget_view"),
    path("perusahaan/<str:reference>/", firm.firm, name="firm"),
    path("perusahaan/<str:reference>/ketentuan/", firm_terms.change_terms, name="change_terms"),
    path("perusahaan/<str:reference>/nonaktif/", firm_changes.close_firm, name="close_firm"),
    path("perusahaan/<str:reference>/aktif/", firm_changes.reopen_firm, name="reopen_firm"),
    path("perusahaan/<str:reference>/batas/", firm_changes.upload_limit, name="upload_limit"),
    path("pendaftaran/", registrations.registrations, name="registrations"),
    path("pendaftaran/<str:reference>/", registrations.registration, name="registration"),
    path("perbedaan/", differences.differences, name="differences"),
    path("perbedaan/<int:pk>/", differences.difference, name="difference"),
    path("pembayaran/<int:pk>/batalkan/", money.reverse_payment, name="reverse_payment"),
    path("pencocokan/", matching.matches, name="matches"),
    path("pencocokan/<int:pk>/", matching.match, name="match"),
    path("hitung-ulang/", money.repricings, name="repricings"),
    path("hitung-ulang/<int:pk>/setujui/", money.approve_repricing, name="approve_repricing"),
]
