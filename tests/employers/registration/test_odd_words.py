"""Names and addresses as nobody types them: letters quote them, and columns end somewhere."""

import pytest
from django.test import Client

from employers.models import Contact, Employer
from tests import make

pytestmark = pytest.mark.django_db
LONG = f"{'a' * 64}@{'.'.join(['b' * 60] * 4)}.test"
FORM = {"form_id": "a" * 22}


@pytest.fixture
def firm() -> Employer:
    return make.registering()


@pytest.fixture
def desk(client: Client, firm: Employer) -> Client:
    approver = firm.seats.get().user
    assert approver
    client.force_login(approver)
    return client


def page(firm: Employer, name: str) -> str:
    return f"/perusahaan/{firm.reference}/{name}"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("/perusahaan/daftar/", {"name": "Rini", "email": LONG}),
        ("pengguna/undang/", {"role": "REPORTER", "email": LONG}),
        ("kontak/", {"name": "Rini", "phone": "081234567890", "email": LONG}),
    ],
)
def test_an_address_longer_than_any_is_refused_in_words(desk, firm, name, given):
    answer = desk.post(name if name[0] == "/" else page(firm, name), FORM | given)

    assert "Alamat e-mail harus paling banyak 254 huruf" in answer.content.decode()


@pytest.mark.parametrize("name", ["PT A\nBcc: x@y.test", "PT A\r\n Bcc:\u202e x@y.test\x00"])
def test_a_name_is_kept_on_one_line(desk, firm, name):
    desk.post(page(firm, "data/"), FORM | {"name": name, "nib": "1234567890123"})
    given = {"name": name, "phone": "081234567890", "email": "hr@baja.test"}
    desk.post(page(firm, "kontak/"), FORM | given)

    firm.refresh_from_db()
    assert firm.name == Contact.objects.get(employer=firm).name == "PT A Bcc: x@y.test"
