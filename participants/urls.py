from django.urls import path

from participants.views import order, registration, start

app_name = "participants"

front = [
    path("", start.start, name="start"),
    path("bantuan/", start.ask_for_help, name="help"),
]

registration_pages = [
    path("daftar/", start.register, name="register"),
    path("daftar/lanjut/", start.resume, name="register_resume"),
    path("daftar/pekerjaan/", registration.occupation, name="register_occupation"),
    path("daftar/pekerjaan/kantor/", registration.wage_like, name="register_wage_like"),
    path("daftar/nik/", registration.nik, name="register_nik"),
    path("daftar/nama/", registration.name, name="register_name"),
    path("daftar/usia/", registration.age, name="register_age"),
    path("daftar/hp/", registration.phone, name="register_phone"),
    path("daftar/kode/", registration.code, name="register_code"),
    path("daftar/kode/lagi/", registration.send_again, name="register_send_again"),
    path("daftar/kode/loket/", registration.counter_code, name="register_counter_code"),
    path("daftar/tempat/", registration.place, name="register_place"),
    path("daftar/bulan/", order.months, name="register_months"),
    path("daftar/golongan/", order.band, name="register_band"),
    path("daftar/periksa/", order.check, name="register_check"),
    path("daftar/terkirim/", registration.sent, name="register_sent"),
    path("daftar/kantor/", registration.office, name="register_office"),
    path("daftar/tersimpan/", registration.later, name="register_later"),
]

urlpatterns = front + registration_pages
