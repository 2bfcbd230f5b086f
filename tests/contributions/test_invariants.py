"""check_invariants asks every rule, says which row breaks which, and can fail."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from cilegon_portal.contributions.models import CodeLine, PaymentCode, Rollup
from cilegon_portal.management.commands import check_invariants
from tests import make
from tests.make import NOVEMBER

pytestmark = pytest.mark.django_db


def run() -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("check_invariants", "--json", stdout=out)
    except SystemExit as end:
        return int(str(end.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_a_sound_ledger_has_no_violation():
    fisher, firm = make.account(), make.account("PU")
    make.payment(9_000, code=make.code(fisher, 2))
    make.firm_bill(100_000, firm=firm)
    make.payment(60_000, account=firm)
    make.payment(1_000)
    status, answer = run()
    assert (status, answer["violations"], answer["broken"]) == (0, 0, {})
    assert answer["checked"] == len(check_invariants.invariants()) > 20


def test_a_wrong_rollup_is_found_and_named():
    make.payment(8_400, code=make.code(make.account()))
    Rollup.objects.update(amount=8_399)
    status, answer = run()
    assert status == 1
    assert list(answer["broken"]) == ["rollup_equals_the_ledger"]


def test_a_code_that_asks_for_the_wrong_amount_is_found():
    code = make.code(make.account())
    PaymentCode.objects.filter(pk=code.pk).update(amount=1)
    assert run()[1]["broken"] == {"open_code_asks_for_what_is_left": [[str(code.pk)]]}


def test_a_charge_without_its_rates_cannot_be_hidden():
    code = make.code(make.account())
    CodeLine.objects.filter(code=code).update(rates=[])
    make.payment(8_400, code=code)
    assert list(run()[1]["broken"]) == ["bpu_charge_names_its_line_and_rates"]


def test_people_get_a_sentence():
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert "0 dilanggar." in out.getvalue()
    code = make.code(make.account(), first=NOVEMBER)
    PaymentCode.objects.filter(pk=code.pk).update(amount=1)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=out)
    assert "open_code_asks_for_what_is_left" in out.getvalue()


def test_a_check_that_finds_nothing_to_check_fails(monkeypatch):
    monkeypatch.setattr(check_invariants, "module_has_submodule", lambda *_: False)
    with pytest.raises(LookupError):
        check_invariants.invariants()
