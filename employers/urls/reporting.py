"""Addresses of wage reports."""

from django.urls import URLPattern, URLResolver, include, path

from employers.views import approve, compare, edit, months, result, upload

month = [
    path("", months.month, name="month"),
    path("sama/", months.same, name="report_same"),
    path("unggah/", upload.upload, name="report_upload"),
    path("contoh.xlsx", upload.template, name="report_template"),
    path("contoh.csv", upload.template_as_csv, name="report_template_csv"),
    path("hasil/", result.result, name="report_result"),
    path("perbaikan.xlsx", result.fixes, name="report_fixes"),
    path("ubah/", edit.edit, name="report_edit"),
    path("ubah/<int:number>/", edit.edit_row, name="report_row"),
    path("ubah/<int:number>/keluar/", edit.leave, name="report_leave"),
    path("tambah/", edit.add, name="report_add"),
    path("banding/", compare.compare, name="report_compare"),
    path("setujui/", approve.approve, name="report_approve"),
    path("batal/", approve.withdraw, name="report_withdraw"),
    path("buang/", months.discard, name="report_discard"),
    path("susulan/", approve.supplement, name="report_supplement"),
    path("ganti/", approve.replace, name="report_replace"),
    path("versi/<int:version>/", months.version, name="report_version"),
]

patterns: list[URLPattern | URLResolver] = [
    path("<str:reference>/upah/", months.months, name="months"),
    path("<str:reference>/upah/<month:month>/", include(month)),
]
