"""Filters and tags of every template."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given, strategies as st

from cilegon_portal.forms import DatePartsField, Hinted
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags import portal

AFTERNOON = datetime(2026, 11, 27, 14, 5, tzinfo=ZoneInfo("Asia/Jakarta"))


class Answer(forms.Form):
    name = forms.CharField(
        label="Nama", help_text="Seperti di KTP", error_messages={"required": "Isi nama"}
    )
    note = forms.CharField(label="Catatan", required=False)
    born_on = DatePartsField(label="Tanggal lahir")
    months = forms.ChoiceField(
        label="Lama",
        choices=[("1", "1 bulan"), ("3", Hinted("3 bulan", "Sampai Januari", "Rp33.600"))],
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih lama"},
    )


GOOD = {
    "name": "Siti",
    "born_on_day": "1",
    "born_on_month": "mei",
    "born_on_year": "1990",
    "months": "1",
}


def drawn(source, **values):
    """Return the template's text; how its lines are broken makes no difference."""
    text = Template(source).render(Context(values))
    return " ".join(text.split()).replace("> ", ">").replace(" <", "<")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "Rp0"),
        (999, "Rp999"),
        (16_800, "Rp16.800"),
        (1_250_000, "Rp1.250.000"),
        (-8_400, "-Rp8.400"),
        (None, "–"),
        ("", "–"),
    ],
)
def test_rupiah_has_dots_and_no_decimals(amount, shown):
    assert drawn("{{ amount|rupiah }}", amount=amount) == shown


@given(st.integers(min_value=0, max_value=10**15))
def test_the_digits_of_an_amount_survive(amount):
    assert int(portal.rupiah(amount).removeprefix("Rp").replace(".", "")) == amount


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (875_000, "87,5%"),
        (2_400, "0,24%"),
        (4_450, "0,445%"),
        (89, "0,0089%"),
        (1_000_000, "100%"),
        (0, "0%"),
        (-23_000, "-2,3%"),
        (12_345_000_000, "1.234.500%"),
        (None, "–"),
    ],
)
def test_a_rate_is_shown_as_an_exact_percentage(rate, shown):
    assert drawn("{{ rate|percent }}", rate=rate) == shown


def test_months_are_named_in_indonesian():
    assert portal.month_name(Month(2026, 11)) == "November 2026"
    assert portal.month_name(date(2026, 8, 1)) == "Agustus 2026"
    assert portal.month_name(None) == "–"


def test_days_and_times_are_those_of_jakarta():
    late_in_utc = datetime(2026, 11, 27, 18, 30, tzinfo=ZoneInfo("UTC"))

    assert portal.date_id(date(2026, 11, 27)) == "27 November 2026"
    assert portal.date_id(late_in_utc) == "28 November 2026"
    assert portal.time_id(late_in_utc) == "01.30 WIB"
    assert portal.time_id(AFTERNOON) == "14.05 WIB"
    assert (portal.date_id(None), portal.time_id(None)) == ("–", "–")


def test_numbers_of_people_are_masked():
    assert portal.masked_nik("3672991509850001") == "3672••••••••0001"
    assert "345" not in portal.masked_phone("+6281234567890")
    assert (portal.masked_nik(""), portal.masked_phone(None)) == ("–", "–")


def test_a_sort_turns_round_and_back():
    assert portal.reversed_sort("jumlah") == "-jumlah"
    assert portal.reversed_sort("-jumlah") == "jumlah"


def test_a_fresh_form_gets_a_fresh_id_each_time():
    first, second = (drawn("{% form_id form %}", form=Answer()) for _ in range(2))

    assert first != second
    assert re.fullmatch('<input type="hidden" name="form_id" value="[A-Za-z0-9_-]{24}">', first)


def test_a_form_that_came_back_keeps_its_id():
    posted = {"form_id": "abcdefghijklmnop_-12"}

    assert 'value="abcdefghijklmnop_-12"' in drawn("{% form_id %}", form=Answer(posted))


def test_an_id_that_is_not_ours_is_replaced():
    posted = {"form_id": '"><script>alert(1)</script>'}

    assert "script" not in drawn("{% form_id form %}", form=Answer(posted))


def test_a_field_ties_hint_and_fault_to_its_input():
    html = drawn("{% field form.name %}", form=Answer({}))

    assert '<label class="form-label" for="id_name">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext">Seperti di KTP<' in html
    assert 'class="form-control is-invalid"' in html
    assert "Isi nama" in html


def test_no_field_is_marked_required_and_optional_ones_say_so():
    html = drawn("{% fields form %}", form=Answer())

    assert "required" not in html
    assert html.count("(opsional)") == 1


def test_choices_are_cards_with_hint_and_price():
    html = drawn("{% field form.months hide_label=True %}", form=Answer({"months": "3"}))

    assert "visually-hidden" in html
    assert 'value="3" id="id_months_1" checked' in html
    assert '<span class="choice__hint">Sampai Januari</span>' in html
    assert '<span class="choice__aside">Rp33.600</span>' in html


def test_a_date_has_three_labelled_inputs_in_a_group():
    html = drawn("{% field form.born_on %}", form=Answer({"born_on_day": "1"}))

    assert html.count("<fieldset") == 1
    assert [part for part in ("Hari", "Bulan", "Tahun") if part in html] == [
        "Hari",
        "Bulan",
        "Tahun",
    ]
    assert 'name="born_on_month"' in html
    assert 'id="id_born_on_2"' in html


def test_the_summary_links_to_each_fault():
    html = drawn("{% error_summary form %}", form=Answer({"born_on_day": "1"}))

    assert 'role="alert" tabindex="-1"' in html
    assert "Ada yang perlu diperbaiki" in html
    assert '<a href="#id_name">Isi nama</a>' in html
    assert '<a href="#id_born_on_1">Tanggal lahir harus punya bulan dan tahun</a>' in html
    assert '<a href="#id_months_0">Pilih lama</a>' in html


def test_there_is_no_summary_without_faults():
    assert drawn("{% error_summary form %}", form=Answer()) == ""
    assert drawn("{% error_summary form %}", form=Answer(GOOD)) == ""
    assert drawn("{% error_summary form %}", form=None) == ""


def test_a_fault_of_the_whole_form_has_no_link():
    form = Answer(GOOD)
    form.add_error(None, "Nomor HP atau kode tidak cocok")

    html = drawn("{% error_summary form %}", form=form)

    assert "<li>Nomor HP atau kode tidak cocok</li>" in html


def test_a_question_holds_heading_step_form_and_one_button():
    source = (
        '{% question "Siapa nama Anda?" step=4 steps=11 %}{% field form.name %}{% endquestion %}'
    )

    html = drawn(source, form=Answer(), csrf_token="t0ken")

    assert "<h1>Siapa nama Anda?</h1>" in html
    assert "Langkah 4 dari 11" in html
    assert '<form method="post" novalidate>' in html
    assert 'name="csrfmiddlewaretoken" value="t0ken"' in html
    assert html.count("<button") == 1
    assert 'name="form_id"' in html


def test_an_act_that_cannot_be_undone_has_a_way_out():
    source = (
        '{% question "Batalkan?" button="Batalkan" danger=True cancel="/orang/" %}{% endquestion %}'
    )

    html = drawn(source)

    assert '<button type="submit" class="btn btn-danger">Batalkan</button>' in html
    assert '<a class="btn btn-link" href="/orang/">Batal</a>' in html


@pytest.mark.parametrize(
    "word", ["Belum dibayar", "Menunggu pembayaran", "Aktif", "Masa tenggang", "Berakhir"]
)
def test_a_state_is_told_by_word_and_icon_too(word):
    html = drawn("{% chip word %}", word=word)

    assert word in html
    assert "<svg" in html


def test_the_five_states_look_different():
    assert len(set(portal.CHIPS.values())) == len(portal.CHIPS) == 5


def test_what_people_wrote_is_escaped():
    html = drawn(
        "{% chip bad %}{% panel bad %}{{ bad }}{% endpanel %}"
        '{% notice "info" title=bad %}{% endnotice %}'
        "{% tile bad bad %}{% endtile %}{% table_region bad %}{% endtable_region %}",
        bad="<b>x</b>",
    )

    assert "<b>" not in html
    assert html.count("&lt;b&gt;") == 7


def test_a_menu_entry_without_a_page_is_not_drawn():
    request = RequestFactory().get("/kantor/orang/")

    assert drawn('{% nav_item "Tidak ada" "nowhere:at_all" "home" %}', request=request) == ""
