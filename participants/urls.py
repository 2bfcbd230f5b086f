from django.urls import path

from participants.views import card, membership, order, payment, registration, start

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

paying = [
    path("bayar/<str:reference>/", payment.choose_way, name="pay"),
    path("bayar/<str:reference>/kode/", payment.show_code, name="code"),
    path("bayar/<str:reference>/kirim/", payment.send_code, name="send_payment_code"),
    path("bayar/<str:reference>/selesai/", payment.paid, name="paid"),
    path("demo/bayar/<str:reference>/", payment.pay_in_demo, name="demo_pay"),
]

member_pages = [
    path("saya/", membership.home, name="home"),
    path("saya/<str:number>/bayar/", membership.renew, name="renew"),
    path("saya/<str:number>/ubah/", membership.change_terms, name="terms"),
    path("saya/<str:number>/riwayat/", membership.history, name="history"),
    path("kwitansi/<int:pk>.pdf", card.receipt, name="receipt"),
]

card_pages = [
    path("kartu/", card.my_card, name="card"),
    path("kartu/<str:number>.pdf", card.card_pdf, name="card_pdf"),
    path("kartu/<str:number>.png", card.card_png, name="card_png"),
    path("kartu/<str:number>/", card.show_card, name="card"),
    path("kartu/<str:number>/ganti/", card.renew_card, name="renew_card"),
    path("k/<path:token>", card.check, name="check"),
]

urlpatterns = front + registration_pages + paying + member_pages + card_pages
