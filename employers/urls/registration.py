"""Addresses of the registration and people of a firm."""

from django.urls import URLPattern, path

from employers.views import sign_up, start, tasks, team

FIRM = "<str:reference>/"

patterns: list[URLPattern] = [
    path("", start.start, name="start"),
    path("baru/", start.new, name="new"),
    path("daftar/", sign_up.sign_up, name="sign_up"),
    path("daftar/terkirim/", sign_up.sent, name="sign_up_sent"),
    path("mulai/<str:token>/", sign_up.begin, name="begin"),
    path("undangan/<str:token>/", sign_up.accept, name="accept"),
    path(FIRM, start.home, name="home"),
    path(f"{FIRM}pendaftaran/", tasks.tasks, name="tasks"),
    path(f"{FIRM}data/", tasks.facts, name="facts"),
    path(f"{FIRM}alamat/", tasks.address, name="address"),
    path(f"{FIRM}kontak/", tasks.contact, name="contact"),
    path(f"{FIRM}program/", tasks.programmes, name="programmes"),
    path(f"{FIRM}pekerja/", tasks.workers, name="workers"),
    path(f"{FIRM}periksa/", tasks.check, name="check"),
    path(f"{FIRM}status/", tasks.status, name="status"),
    path(f"{FIRM}pengguna/", team.team, name="team"),
    path(f"{FIRM}pengguna/undang/", team.invite, name="invite"),
    path(f"{FIRM}pengguna/<int:pk>/akhiri/", team.end_seat, name="end_seat"),
]
