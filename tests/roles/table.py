"""Who may open which page: the reviewed table of roles and pages.

A page is open to the roles named beside it. Whoever has not signed in is led to the sign-in page,
every other role is refused (403). A new page has to be entered here before the tests pass.
"""

from cilegon_portal.accounts.models import STAFF_ROLES, Role

EVERYBODY = frozenset(Role)
SIGNED_IN = EVERYBODY - {Role.ANONYMOUS}
WITH_PASSWORD = SIGNED_IN - {Role.WORKER}
NOBODY: frozenset[Role] = frozenset()
KEEPERS = frozenset({Role.ADMIN, Role.AUDITOR})
# At the desk: everybody of the staff but the admin of the system, who sees no member's data.
DESK = STAFF_ROLES - {Role.ADMIN}
HELPERS = frozenset({Role.SERVICE, Role.OUTREACH})
HEADS = frozenset({Role.HEAD_OF_SECTION, Role.HEAD_OF_BRANCH})
COUNTER = frozenset({Role.SERVICE}) | HEADS
CHANGERS = frozenset({Role.OFFICER}) | HEADS
DECIDERS = CHANGERS | {Role.SERVICE}
FIRM = frozenset({Role.REPORTER, Role.APPROVER})
APPROVERS = frozenset({Role.APPROVER})
WITH_EMAIL = FIRM | {Role.PARTNER, Role.VOLUNTEER}
MEMBERS_AND_DESK = DESK | {Role.WORKER}
MEMBERS_AND_HELPERS = HELPERS | {Role.WORKER}

PAGES = {
    # the front, and what somebody fills in before there is an account
    "health": EVERYBODY,
    "participants:start": EVERYBODY,
    "participants:help": EVERYBODY,
    "participants:register": EVERYBODY,
    "participants:register_occupation": EVERYBODY,
    "participants:register_wage_like": EVERYBODY,
    "participants:register_nik": EVERYBODY,
    "participants:register_name": EVERYBODY,
    "participants:register_age": EVERYBODY,
    "participants:register_phone": EVERYBODY,
    "participants:register_code": EVERYBODY,
    "participants:register_send_again": EVERYBODY,
    "participants:register_counter_code": EVERYBODY,
    "participants:register_place": EVERYBODY,
    "participants:register_months": EVERYBODY,
    "participants:register_band": EVERYBODY,
    "participants:register_check": EVERYBODY,
    "participants:register_sent": EVERYBODY,
    "participants:register_office": EVERYBODY,
    "participants:register_later": EVERYBODY,
    "participants:check": EVERYBODY,  # the token is the key
    # sign-in
    "accounts:sign_in": EVERYBODY,
    "accounts:sign_in_code": EVERYBODY,
    "accounts:unknown_number": EVERYBODY,
    "account_login": EVERYBODY,
    "account_inactive": EVERYBODY,
    "account_reset_password": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "mfa_authenticate": EVERYBODY,  # between password and code nobody has signed in yet
    # one's own account
    "mfa_index": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    "account_reauthenticate": WITH_PASSWORD,
    "account_change_password": SIGNED_IN,
    "mfa_reauthenticate": WITH_PASSWORD,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": STAFF_ROLES,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": STAFF_ROLES,
    "account_set_password": SIGNED_IN,  # these two only lead back to one's own account
    "mfa_deactivate_totp": SIGNED_IN,
    # a member's pages, which the desk may see
    "participants:pay": MEMBERS_AND_DESK,
    "participants:code": MEMBERS_AND_DESK,
    "participants:paid": MEMBERS_AND_DESK,
    "participants:history": MEMBERS_AND_DESK,
    "participants:receipt": MEMBERS_AND_DESK,
    "participants:card": MEMBERS_AND_DESK,
    "participants:card_pdf": MEMBERS_AND_DESK,
    "participants:card_png": MEMBERS_AND_DESK,
    "participants:my_card": frozenset({Role.WORKER}),
    "participants:home": frozenset({Role.WORKER}),
    "participants:renew": MEMBERS_AND_HELPERS,
    "participants:terms": MEMBERS_AND_HELPERS,
    # the door of the firms
    "employers:start": EVERYBODY,
    "employers:sign_up": EVERYBODY,
    "employers:sign_up_sent": EVERYBODY,
    "employers:begin": EVERYBODY,  # the token is the key
    "employers:accept": EVERYBODY,  # here too
    # a firm's pages, which only its own people may see
    "employers:home": FIRM,
    "employers:tasks": FIRM,
    "employers:facts": FIRM,
    "employers:address": FIRM,
    "employers:contact": FIRM,
    "employers:programmes": FIRM,
    "employers:workers": FIRM,
    "employers:check": FIRM,
    "employers:status": FIRM,
    "employers:team": FIRM,
    "employers:invite": APPROVERS,
    "employers:end_seat": APPROVERS,
    "employers:months": FIRM,
    "employers:month": FIRM,
    "employers:report_upload": FIRM,
    "employers:report_template": FIRM,
    "employers:report_template_csv": FIRM,
    "employers:report_result": FIRM,
    "employers:report_fixes": FIRM,
    "employers:report_edit": FIRM,
    "employers:report_row": FIRM,
    "employers:report_leave": FIRM,
    "employers:report_add": FIRM,
    "employers:report_compare": FIRM,
    "employers:report_approve": FIRM,
    "employers:report_withdraw": APPROVERS,
    "employers:report_discard": FIRM,
    "employers:report_supplement": FIRM,
    "employers:report_replace": FIRM,
    "employers:report_version": FIRM,
    "employers:bills": FIRM,
    "employers:bill": FIRM,
    "employers:bill_workers": FIRM,
    "employers:bill_worker": FIRM,
    "employers:bill_pay": FIRM,
    "employers:bill_pdf": FIRM,
    "employers:bill_csv": FIRM,
    "employers:bill_xlsx": FIRM,
    # the desk
    "dashboard:start": STAFF_ROLES,
    "dashboard:people": DESK,
    "dashboard:person": DESK,
    "dashboard:assist": HELPERS,
    "dashboard:counter_code": frozenset({Role.SERVICE}),
    "dashboard:reveal": COUNTER,
    "dashboard:receive": frozenset({Role.SERVICE}),
    "dashboard:reverse_payment": COUNTER,
    "dashboard:matches": COUNTER,
    "dashboard:match": COUNTER,
    "dashboard:firms": DESK,
    "dashboard:firms_export": DESK,
    "dashboard:choose_columns": DESK,
    "dashboard:saved_views": DESK,
    "dashboard:firm": DESK,
    "dashboard:change_terms": CHANGERS,
    "dashboard:close_firm": CHANGERS,
    "dashboard:reopen_firm": CHANGERS,
    "dashboard:upload_limit": CHANGERS,
    "dashboard:registrations": DECIDERS,
    "dashboard:registration": DECIDERS,
    "dashboard:differences": DECIDERS,
    "dashboard:difference": DECIDERS,
    "dashboard:repricings": HEADS,
    "dashboard:approve_repricing": HEADS,
    # a demo only
    "demo:totp": EVERYBODY,
    "demo:messages": EVERYBODY,
    # Django's admin
    "admin:index": KEEPERS,
    "admin:app_list": KEEPERS,
    "admin:jsi18n": KEEPERS,
}

# Asked by GET these answer that they want a POST, to those who may.
POSTED = {
    "accounts:send_again": EVERYBODY,
    "accounts:sign_out": EVERYBODY,
    "account_logout": EVERYBODY,
    "participants:register_resume": EVERYBODY,
    "participants:send_payment_code": MEMBERS_AND_HELPERS,
    "participants:renew_card": MEMBERS_AND_HELPERS,
    "participants:demo_pay": MEMBERS_AND_HELPERS,
    "dashboard:forget_view": DESK,
    "employers:new": WITH_EMAIL,
    "employers:report_same": FIRM,
    "employers:bill_demo_pay": FIRM,
}

# Not there (404) for those to whom they are closed: they hold no recovery codes.
HIDDEN = {"mfa_view_recovery_codes", "mfa_download_recovery_codes"}

# Two patterns of one name: told apart by their route.
RENAMED = {"kartu/": "participants:my_card"}

# What Django's admin shows: reference data is changed by the admin, the ledger by nobody.
REFERENCE = {
    "contributions_duedaterule",
    "contributions_rate",
    "contributions_sizeprogramme",
    "employers_lineofbusiness",
    "participants_occupation",
    "reference_holiday",
    "reference_kecamatan",
    "reference_kelurahan",
    "reference_minimumwage",
    "reference_office",
    "reference_setting",
}
KEPT = {  # others remember them by their key: they end or are hidden, never deleted
    "employers_lineofbusiness",
    "participants_occupation",
    "reference_kecamatan",
    "reference_kelurahan",
    "reference_setting",
}
LEDGER = {
    "contributions_account",
    "contributions_allocation",
    "contributions_bill",
    "contributions_charge",
    "contributions_codeline",
    "contributions_payment",
    "contributions_paymentcode",
    "contributions_repricing",
    "contributions_rollup",
}
CLOSED = {  # registered by packages; no role has a permission on them
    "account_emailaddress",
    "auth_group",
    "mfa_authenticator",
    "procrastinate_procrastinatejob",
    "usersessions_usersession",
}


def admin_page(name: str) -> frozenset[Role] | None:
    """Return who may open an admin page by its URL name; None for one that nobody reviewed."""
    table, _, verb = name.removeprefix("admin:").rpartition("_")
    if table in CLOSED:
        return NOBODY
    if table in REFERENCE | LEDGER and verb in {"changelist", "change", "history"}:
        return KEEPERS
    if table in KEPT and verb == "delete":
        return NOBODY
    if table in REFERENCE and verb in {"add", "delete"}:
        return frozenset({Role.ADMIN})
    return NOBODY if table in LEDGER and verb in {"add", "delete"} else None
