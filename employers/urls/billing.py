"""Addresses of bills."""

from django.urls import URLPattern, path

from employers.views import bill_files, bills, paying

BILL = "<str:reference>/tagihan/<month:month>"

patterns: list[URLPattern] = [
    path("<str:reference>/tagihan/", bills.bills, name="bills"),
    path(f"{BILL}.pdf", bill_files.pdf, name="bill_pdf"),
    path(f"{BILL}.csv", bill_files.csv, name="bill_csv"),
    path(f"{BILL}.xlsx", bill_files.xlsx, name="bill_xlsx"),
    path(f"{BILL}/", bills.bill, name="bill"),
    path(f"{BILL}/pekerja/", bills.workers, name="bill_workers"),
    path(f"{BILL}/pekerja/<int:pk>/", bills.worker, name="bill_worker"),
    path(f"{BILL}/bayar/", paying.pay, name="bill_pay"),
    path(f"{BILL}/bayar/contoh/", paying.pay_in_demo, name="bill_demo_pay"),
]
