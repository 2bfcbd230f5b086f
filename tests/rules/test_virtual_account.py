"""Our virtual-account numbers: 16 digits that tell a slip of the finger."""

from cilegon_portal.rules.virtual_account import new_virtual_account, read_virtual_account


def test_a_new_number_is_read_back_in_any_spelling():
    for _ in range(200):
        number = new_virtual_account()
        assert len(number) == 16
        assert number.startswith("99")
        spaced = " ".join(number[place : place + 4] for place in range(0, 16, 4))
        assert read_virtual_account(spaced) == read_virtual_account(number) == number


def test_one_wrong_digit_is_told():
    number = new_virtual_account()
    for place in range(16):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert read_virtual_account(wrong) is None


def test_what_is_no_number_is_not_read():
    assert [read_virtual_account(text) for text in ("", "99", "9" * 17, "99x" + "0" * 13)] == [
        None
    ] * 4
