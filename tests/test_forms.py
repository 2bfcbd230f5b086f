"""The inputs that every app uses."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from hypothesis import given, strategies as st

from cilegon_portal.forms import (
    CodeField,
    DatePartsField,
    Hinted,
    MonthFormField,
    NikField,
    PhoneField,
    RupiahFormField,
)
from cilegon_portal.rules.months import Month

ON = date(2026, 11, 23)
FIELDS = {
    "money": RupiahFormField(label="Jumlah"),
    "nik": NikField(on=ON),
    "phone": PhoneField(),
    "code": CodeField(),
    "day": DatePartsField(label="Tanggal lahir"),
    "month": MonthFormField(label="Bulan"),
}


def refusal(field, value):
    """Return the sentence of the refusal, or nothing when the value was read."""
    try:
        field.clean(value)
    except ValidationError as refused:
        return refused.messages[0]
    return ""


def fault(field, value):
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return caught.value.messages[0]


@pytest.mark.parametrize(
    "text",
    ["16800", "16.800", "16,800", "Rp 16.800", "Rp16.800", "rp16800", " 16 800 ", "Rp. 16.800",
     "16.800,00", "16,800.00", "16.800,-", "016800", "Rp\u00a016.800"],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(text):
    assert RupiahFormField(label="Jumlah").clean(text) == 16_800


@pytest.mark.parametrize(
    "text", ["tiga", "16.80", "1.6800", "-5", "1e5", "16.800.", "1,234.567", "Rp", "²", "١٢٣"]
)
def test_what_may_mean_two_amounts_is_refused(text):
    message = fault(RupiahFormField(label="Jumlah uang"), text)

    assert message == "Jumlah uang harus angka rupiah, misalnya 16.800"


def test_an_amount_keeps_within_its_limits():
    field = RupiahFormField(label="Jumlah", least=1_000, most=2_000)

    assert (field.clean("1000"), field.clean("2000")) == (1_000, 2_000)
    assert fault(field, "999") == "Jumlah harus paling sedikit Rp1.000"
    assert fault(field, "2001") == "Jumlah harus paling banyak Rp2.000"
    assert fault(field, "") == "Isi jumlah"
    assert RupiahFormField(required=False).clean("") is None


def test_an_amount_is_shown_with_dots_and_typed_text_stays():
    class Form(forms.Form):
        amount = RupiahFormField(label="Jumlah")

    assert 'value="16.800"' in str(Form(initial={"amount": 16_800})["amount"])
    assert 'value="16,8oo"' in str(Form({"amount": "16,8oo"})["amount"])
    assert not Form({"amount": "Rp 16.800"}, initial={"amount": 16_800}).has_changed()
    assert Form({"amount": "tiga"}, initial={"amount": 16_800}).has_changed()


def test_a_nik_is_read_with_spaces():
    nik = NikField(on=ON).clean(" 3672 9915 0985 0001 ")

    assert nik is not None
    assert (nik.number, nik.birth_date) == ("3672991509850001", date(1985, 9, 15))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Masukkan NIK, 16 angka di KTP Anda"),
        ("367299150985000", "NIK harus 16 angka. Anda memasukkan 15 angka"),
        ("36729915098500O1", "NIK hanya berisi angka"),
        (
            "3672993113850001",
            "Angka ke-7 sampai ke-12 pada NIK harus tanggal lahir. Periksa lagi KTP Anda",
        ),
        (
            "3672991509850000",
            "Empat angka terakhir NIK harus lebih dari 0000. Periksa lagi KTP Anda",
        ),
    ],
)
def test_a_nik_that_cannot_be_read_says_why(text, message):
    assert fault(NikField(on=ON), text) == message


def test_a_nik_needs_a_day_to_be_read_on():
    with pytest.raises(ImproperlyConfigured):
        NikField().clean("3672991509850001")


def test_a_phone_number_becomes_international():
    assert PhoneField().clean("0812-3456 7890") == "+6281234567890"
    assert fault(PhoneField(), "") == "Isi nomor HP"
    assert (
        fault(PhoneField(), "0254 391234") == "Nomor HP harus diawali 08 atau +62 dan 10–13 angka"
    )
    assert PhoneField(required=False).clean(" ") == ""


def test_a_code_is_read_with_spaces():
    assert CodeField().clean(" 123 456 ") == "123456"
    assert fault(CodeField(), "") == "Masukkan kode 6 angka yang kami kirim"
    assert fault(CodeField(), "12345") == "Kode harus 6 angka"


@pytest.mark.parametrize(
    "parts",
    [["27", "3", "1985"], ["27", "03", "1985"], [" 27 ", "Maret", "1985"], ["27", "mar.", "1985"]],
)
def test_a_day_is_read_with_the_month_as_number_or_name(parts):
    assert DatePartsField(label="Tanggal lahir").clean(parts) == date(1985, 3, 27)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["", "", ""], "Isi tanggal lahir"),
        (["", "3", "1985"], "Tanggal lahir harus punya hari"),
        (["27", "", ""], "Tanggal lahir harus punya bulan dan tahun"),
        (["31", "2", "1985"], "Tanggal lahir harus tanggal yang ada, misalnya 27 3 1985"),
        (["27", "Smarch", "1985"], "Tanggal lahir harus tanggal yang ada, misalnya 27 3 1985"),
        (["27", "3", "85"], "Tanggal lahir harus tanggal yang ada, misalnya 27 3 1985"),
    ],
)
def test_a_day_that_cannot_be_read_says_what_is_missing(parts, message):
    assert fault(DatePartsField(label="Tanggal lahir"), parts) == message


def test_the_example_is_not_given_twice():
    field = DatePartsField(label="Tanggal lahir", help_text="Misalnya 27 3 1985")

    assert fault(field, ["31", "2", "1985"]) == "Tanggal lahir harus tanggal yang ada"


def test_a_day_in_a_form_comes_from_three_inputs():
    class Form(forms.Form):
        born_on = DatePartsField(label="Tanggal lahir", birthday=True)

    posted = {"born_on_day": "27", "born_on_month": "maret", "born_on_year": "1985"}
    form = Form(posted, initial={"born_on": date(1985, 3, 27)})

    assert form.is_valid()
    assert form.cleaned_data["born_on"] == date(1985, 3, 27)
    assert not form.has_changed()
    assert 'value="maret"' in str(form["born_on"])
    assert 'autocomplete="bday-year"' in str(Form(initial={"born_on": ON})["born_on"])


@pytest.mark.parametrize(
    "posted",
    [
        {"month_month": "11", "month_year": "2026"},
        {"month_month": "nop", "month_year": "2026"},
        {"month": "2026-11"},
    ],
)
def test_a_month_comes_from_two_inputs_or_one_word(posted):
    class Form(forms.Form):
        month = MonthFormField(label="Bulan")

    form = Form(posted)

    assert form.is_valid()
    assert form.cleaned_data["month"] == Month(2026, 11)


def test_a_month_that_cannot_be_read_says_what_is_missing():
    field = MonthFormField(label="Bulan iuran")

    assert fault(field, ["", ""]) == "Isi bulan iuran"
    assert fault(field, ["11", ""]) == "Bulan iuran harus punya tahun"
    assert fault(field, ["", "2026"]) == "Bulan iuran harus punya bulan"
    assert fault(field, ["13", "2026"]) == "Bulan iuran harus bulan yang ada, misalnya 11 2026"


def test_a_hinted_label_is_its_text():
    label = Hinted("3 bulan", hint="Sampai Januari", aside="Rp33.600")

    assert (label, label.hint, label.aside) == ("3 bulan", "Sampai Januari", "Rp33.600")


@pytest.mark.parametrize("name", ["money", "nik", "phone", "code"])
@given(text=st.text())
def test_any_text_is_read_or_refused(name, text):
    assert len(refusal(FIELDS[name], text)) <= 90


@pytest.mark.parametrize("name", ["day", "month"])
@given(parts=st.lists(st.text(max_size=12) | st.none(), max_size=5) | st.text() | st.none())
def test_any_parts_are_read_or_refused(name, parts):
    assert len(refusal(FIELDS[name], parts)) <= 90


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_survives_its_three_inputs(day):
    field = FIELDS["day"]

    assert field.clean([str(part) for part in field.widget.decompress(day)]) == day
