"""The list of firms: what it finds, in which order, at which price; and what is kept of it."""

import re
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from cilegon_portal.accounts.models import Role
from cilegon_portal.dashboard import actions
from cilegon_portal.dashboard.models import ChosenColumns, SavedView
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.rules.months import Month
from employers.models import Employer
from tests import fuzz, make
from tests.accounts.helpers import member, sign_in_staff

FIRMS = reverse("dashboard:firms")
VIEWS = reverse("dashboard:saved_views")
COLUMNS = reverse("dashboard:choose_columns")
ROW = re.compile(r'<th scope="row">.*?<a href="/kantor/perusahaan/(CLG-\w{4}-\w{4})/">', re.DOTALL)
MOST_QUERIES = 15
NAMES = ("q", "f_status", "f_kec", "f_petugas", "f_risiko", "sort", "per", "page", "cols", "pilih")


def last_month() -> Month:
    return Month.of(timezone.localdate()).plus(-1)


def firms(*names: str, **more) -> list[Employer]:
    return [make.firm(name=name, **more) for name in names]


def shown(client, **asked) -> list[str]:
    """Return the numbers of the firms that the list shows, in its order."""
    answer = client.get(FIRMS, asked)
    assert answer.status_code == 200
    return ROW.findall(answer.content.decode())


def numbers(*found: Employer) -> list[str]:
    return [firm.reference for firm in found]


def test_the_list_stands_by_name_and_leaves_out_what_was_never_sent(office):
    zinc, brass = firms("PT Seng", "PT Kuningan")
    make.registering(name="PT Belum Dikirim")

    assert shown(office) == numbers(brass, zinc)


@pytest.mark.parametrize(
    "words", ["krakatau", "  KRAKATAU  jaya", "BJ012345", "bj 012345", "9120001112223"]
)
def test_a_firm_is_found_by_a_part_of_its_name_or_by_a_number(office, words):
    found = make.firm(name="PT Krakatau Jaya Abadi", npp="BJ012345", nib="9120001112223")
    firms("PT Lain")

    assert shown(office, q=words) == numbers(found)


def test_a_firm_is_found_by_our_number_however_it_is_typed(office):
    found, _ = firms("PT Satu", "PT Dua")

    assert shown(office, q=found.reference.lower().replace("-", " ")) == numbers(found)


def test_the_state_is_a_filter(office):
    active = make.firm()
    sent = make.registering()
    Employer.objects.filter(pk=sent.pk).update(state="SENT", sent_at=make.AT)

    assert shown(office, f_status="SENT") == numbers(sent)
    assert shown(office, f_status="ACTIVE") == numbers(active)


def test_the_place_is_a_filter_and_outside_is_a_place(office):
    ward = Kelurahan.objects.select_related("kecamatan").order_by("pk").first()
    inside = make.firm(kelurahan=ward, is_outside=False)
    outside = make.firm()

    assert shown(office, f_kec=ward.kecamatan.code) == numbers(inside)
    assert shown(office, f_kec="LUAR") == numbers(outside)


def test_size_and_risk_are_those_of_the_terms_in_force(office):
    small = make.firm(size="SMALL", risk_group=2)
    large = make.firm(size="LARGE", risk_group=5)

    assert shown(office, f_skala="SMALL") == numbers(small)
    assert shown(office, f_risiko="5") == numbers(large)


def test_whoever_kept_silent_is_told_apart_from_an_estimate_and_a_report(office):
    month = last_month()
    reported, estimated, silent = firms("PT A", "PT B", "PT C", first=month)
    young = make.firm(name="PT D", first=month.plus(1))
    make.wage_report(reported, month)
    make.wage_report(estimated, month, kind="ESTIMATE")

    assert shown(office, f_lapor="SUDAH") == numbers(reported)
    assert shown(office, f_lapor="PERKIRAAN") == numbers(estimated)
    assert shown(office, f_lapor="BELUM") == numbers(silent)
    assert young.reference in shown(office)


def test_arrears_are_what_was_due_before_today_and_not_paid(office):
    month = last_month()
    owing, paid, early = firms("PT A", "PT B", "PT C")
    make.firm_bill(500_000, month.plus(-2), firm=owing.account)
    make.firm_bill(300_000, month.plus(-2), firm=paid.account)
    make.payment(300_000, account=paid.account)
    make.firm_bill(700_000, month.plus(2), firm=early.account)  # not due yet

    answer = office.get(FIRMS, {"f_tunggak": "YA"}).content.decode()

    assert ROW.findall(answer) == numbers(owing)
    assert "Rp500.000" in answer
    assert shown(office, f_tunggak="TIDAK") == numbers(paid, early)
    assert shown(office, sort="-tunggakan") == numbers(owing, paid, early)


def test_the_officer_of_a_firm_is_a_filter(office, officer):
    mine, _ = firms("PT A", "PT B")
    mine.account.officer = officer
    mine.account.save()

    assert shown(office, f_petugas=str(officer.pk)) == numbers(mine)


def test_ties_come_in_one_order_whichever_way_the_list_is_sorted(office):
    made = firms("PT Sama", "PT Sama", "PT Sama")

    assert shown(office, sort="nama") == numbers(*made)
    assert shown(office, sort="-nama") == numbers(*made)


def test_every_column_sorts_both_ways(office):
    first, second = firms("PT A", "PT B")
    page = office.get(FIRMS, {"cols": "nomor,npp,usaha,skala,risiko,sampai,petugas,diputuskan"})
    names = set(re.findall(r'href="\?[^"]*sort=-?(\w+)', page.content.decode()))

    assert len(names) >= 9
    for name in names:
        assert sorted(shown(office, sort=name)) == sorted(numbers(first, second))
        assert sorted(shown(office, sort=f"-{name}")) == sorted(numbers(first, second))


def test_the_header_says_by_what_the_list_is_sorted(office):
    firms("PT A")

    rising = office.get(FIRMS, {"sort": "npp"}).content.decode()
    falling = office.get(FIRMS, {"sort": "-npp"}).content.decode()

    assert re.search(r'aria-sort="ascending">\s*<a[^>]*>NPP', rising)
    assert re.search(r'aria-sort="descending">\s*<a[^>]*>NPP', falling)


def test_the_list_comes_in_pages_and_a_page_too_high_is_the_last(office):
    made = firms(*[f"PT {number:02}" for number in range(30)])

    assert shown(office, per="25") == numbers(*made[:25])
    assert shown(office, per="25", page="2") == numbers(*made[25:])
    assert shown(office, per="25", page="99") == numbers(*made[25:])
    assert shown(office, per="7") == numbers(*made)  # no such size: the usual fifty


def test_a_filter_in_use_is_a_chip_that_takes_it_away(office):
    firms("PT A")

    page = office.get(FIRMS, {"q": "pt", "f_status": "ACTIVE", "sort": "npp"}).content.decode()

    assert 'href="?f_status=ACTIVE&amp;sort=npp">Nama atau nomor: pt' in page
    assert 'href="?q=pt&amp;sort=npp">Status: Aktif' in page


def test_all_rows_of_a_page_or_of_the_list_are_ticked_without_a_script(office):
    firms(*[f"PT {number:02}" for number in range(30)])

    one_page = office.get(FIRMS, {"per": "25", "pilih": "halaman"}).content.decode()
    all_rows = office.get(FIRMS, {"per": "25", "pilih": "semua"}).content.decode()
    nonsense = office.get(FIRMS, {"per": "25", "pilih": "x"}).content.decode()

    assert len(re.findall(r'name="id"[^>]*checked', one_page)) == 25
    assert "25 baris di halaman ini dipilih." in one_page
    assert "Semua 30 hasil dipilih." in all_rows
    assert '<input type="hidden" name="pilih" value="semua">' in all_rows
    assert not re.findall(r'name="id"[^>]*checked', nonsense)
    assert "Pilih semua 30 hasil" in nonsense


def test_an_empty_list_says_why_and_what_to_do(office):
    page = office.get(FIRMS, {"q": "tidak ada"}).content.decode()

    assert "Tidak ada perusahaan yang cocok" in page
    assert "Belum ada perusahaan" in office.get(FIRMS).content.decode()


def reporting(count: int) -> None:
    for firm in firms(*[f"PT {number:03}" for number in range(count)]):
        make.wage_report(firm, last_month())


def test_a_hundred_firms_cost_the_queries_of_ten(office, officer):
    def queries(**asked) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert office.get(FIRMS, asked).status_code == 200
        return len(seen)

    office.get(FIRMS)  # what is asked once a process
    every = "npp,status,kecamatan,usaha,skala,risiko,pekerja,laporan,sampai,tunggakan,petugas"
    reporting(10)
    few = queries(cols=every, per="100")
    reporting(90)
    SavedView.objects.create(owner=officer, table="firms", name="Semua", saved_at=make.AT)

    assert queries(cols=every, per="100") == few
    assert few <= MOST_QUERIES


@pytest.mark.ignore_template_errors
@pytest.mark.parametrize("name", NAMES)
def test_a_value_without_sense_counts_as_none(office, name):
    found = firms("PT A")

    for value in fuzz.LONG:
        answer = office.get(FIRMS, {name: value})
        assert answer.status_code == 200, value
        if name != "q":
            assert ROW.findall(answer.content.decode()) == numbers(*found), value


@given(
    asked=st.dictionaries(
        st.sampled_from(["q", "f_status", "f_tunggak", "f_lapor", "sort", "per", "page", "cols"]),
        st.text(max_size=30),
        max_size=5,
    )
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_address_breaks_the_list(office, asked):
    query = urlencode({name: value.encode("utf-8", "replace") for name, value in asked.items()})

    assert office.get(f"{FIRMS}?{query}").status_code == 200


def test_the_columns_that_somebody_chose_stay_until_they_choose_again(office, officer):
    firms("PT A")

    office.post(COLUMNS, {"form_id": "k" * 20, "cols": ["usaha", "tunggakan", "entah"]})
    page = office.get(FIRMS).content.decode()
    once_only = office.get(FIRMS, {"cols": "npp"}).content.decode()

    assert "Bidang usaha" in page
    assert ">NPP" not in page
    assert ">NPP" in once_only
    assert ChosenColumns.objects.get().names == ["usaha", "tunggakan"]

    office.post(COLUMNS, {"form_id": "l" * 20})
    assert ">NPP" in office.get(FIRMS).content.decode()
    assert not ChosenColumns.objects.exists()


def test_columns_are_asked_for_on_a_page_that_keeps_the_filters(office):
    page = office.get(COLUMNS, {"q": "baja"}).content.decode()

    assert "Bidang usaha" in page
    assert "?q=baja" in page


def test_filters_are_kept_under_a_name_and_lead_back(office, officer):
    asked = f"{VIEWS}?{urlencode({'f_status': 'ACTIVE', 'sort': '-tunggakan', 'x': 'y'})}"

    answer = office.post(asked, {"form_id": "s" * 20, "name": "  Menunggak  berat "})
    again = office.post(asked, {"form_id": "s" * 20, "name": "Menunggak berat"})

    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Menunggak berat", "f_status=ACTIVE&sort=-tunggakan")
    assert answer.headers["Location"] == f"{FIRMS}?f_status=ACTIVE&sort=-tunggakan"
    assert again.headers["Location"] == answer.headers["Location"]
    assert "Menunggak berat" in office.get(FIRMS).content.decode()


def test_a_saved_filter_needs_a_name(office):
    page = office.post(VIEWS, {"form_id": "s" * 20, "name": " "}).content.decode()

    assert "Isi nama saringan" in page
    assert not SavedView.objects.exists()


def test_colleagues_see_what_is_shared_and_nothing_else(office, officer):
    colleague = member(Role.HEAD_OF_SECTION, email="kabid@kantor.contoh.test")
    for name, is_shared in (("Milik bersama", True), ("Rahasia", False)):
        actions.save_view(
            table="firms", name=name, query="q=a", is_shared=is_shared, by=colleague, at=make.AT
        )

    page = office.get(FIRMS).content.decode()

    assert "Milik bersama" in page
    assert "Rahasia" not in page


def test_only_the_owner_forgets_a_saved_filter(office, officer, client):
    mine = actions.save_view(
        table="firms", name="Punya saya", query="", is_shared=True, by=officer, at=make.AT
    )
    other = make.user()
    theirs = actions.save_view(
        table="firms", name="Punya rekan", query="", is_shared=True, by=other, at=make.AT
    )

    assert office.post(reverse("dashboard:forget_view", args=[theirs.pk])).status_code == 404
    assert office.post(reverse("dashboard:forget_view", args=[mine.pk])).status_code == 302
    assert SavedView.objects.get() == theirs


def test_one_person_keeps_a_limited_number_of_filters(office, officer):
    for number in range(actions.MOST_VIEWS):
        actions.save_view(
            table="firms", name=f"S{number}", query="", is_shared=False, by=officer, at=make.AT
        )

    page = office.post(VIEWS, {"form_id": "s" * 20, "name": "Satu lagi"}).content.decode()

    assert "Hapus dulu satu saringan" in page
    assert SavedView.objects.count() == actions.MOST_VIEWS


def test_the_database_keeps_one_filter_of_a_name_and_one_choice_of_columns(officer):
    saved_view(officer, name="A")
    chosen(officer)

    refused("saved_view_name_stands_once_an_owner", lambda: saved_view(officer, name="A"))
    refused("saved_view_has_a_name", lambda: saved_view(officer, name=""))
    refused("chosen_columns_are_one_a_user_and_table", lambda: chosen(officer))


def saved_view(owner, *, name: str) -> SavedView:
    return SavedView.objects.create(owner=owner, table="firms", name=name, saved_at=make.AT)


def chosen(user) -> ChosenColumns:
    return ChosenColumns.objects.create(user=user, table="firms", names=["npp"])


def refused(constraint: str, write) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REPORTER, Role.WORKER])
def test_whoever_is_not_at_the_desk_sees_no_firms(client, db, role):
    sign_in_staff(client, member(role, email="bukan@contoh.test"))

    assert client.get(FIRMS).status_code == 403
