"""One file for every machine: what differs between them is read from the environment.

`docs/environment.md` lists every variable.
"""

import os
from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from cilegon_portal import database, logs

django_stubs_ext.monkeypatch()


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name)
    if value not in {"", "0", "1"}:
        raise SystemExit(f"{name} harus 0 atau 1, bukan {value!r}.")
    return default if value == "" else value == "1"


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = database.DATA_DIR

# Demo: only on the embedded server or with DEMO=1, and only on a database that a row marks as demo.
DEMO = flag("DEMO", default=not database.is_external())
DEBUG = flag("DEBUG", default=False)
SECRET_KEY, FIELD_KEYS, INDEX_KEY = database.keys()
ALLOWED_HOSTS = words("ALLOWED_HOSTS") or (["127.0.0.1", "localhost", "[::1]"] if DEMO else [])
STAFF_HOST = text("STAFF_HOST")
SITE_URL = text("SITE_URL", f"http://127.0.0.1:{text('PORT', '8000')}" if DEMO else "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "cilegon_portal.admin_site.PortalAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_structlog",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "cilegon_portal",
    "cilegon_portal.outbox",
    "cilegon_portal.accounts",
    "cilegon_portal.reference",
    "cilegon_portal.people",
    "cilegon_portal.contributions",
    "participants",
    "employers",
    "cilegon_portal.dashboard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "cilegon_portal.sheets.middleware.UploadLimitMiddleware",  # before anything reads the body
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "cilegon_portal.accounts.middleware.SessionLimitMiddleware",
    "cilegon_portal.accounts.middleware.PrivatePagesMiddleware",
    "cilegon_portal.accounts.middleware.AuditContextMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "cilegon_portal.urls"
WSGI_APPLICATION = "cilegon_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cilegon_portal.reference.context.office",
            ],
            "builtins": ["cilegon_portal.templatetags.portal"],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets may have our templates

DATABASES = {"default": database.connection_settings()}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "cilegon_portal.accounts.backends.EmailBackend",
    "cilegon_portal.admin.RolePermissions",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "cilegon_portal.accounts.passwords.LongEnough"},
    {"NAME": "cilegon_portal.accounts.passwords.NotOurWords"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/masuk/"
STAFF_LOGIN_URL = "/petugas/masuk/"
STAFF_HOME = "/kantor/"
MEMBER_HOME = "/saya/"
FIRM_HOME = "/perusahaan/"
LOGIN_REDIRECT_URL = MEMBER_HOME
SESSION_COOKIE_AGE = 24 * 60 * 60  # the middleware ends a sign-in earlier
PASSWORD_RESET_TIMEOUT = 60 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = int(flag("BEHIND_PROXY", default=False))
ACCOUNT_ADAPTER = "cilegon_portal.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is proven before it gets an account
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # our form writes that letter itself
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEMO else "https"
ACCOUNT_FORMS = {
    "login": "cilegon_portal.accounts.forms.PasswordSignInForm",
    "change_password": "cilegon_portal.accounts.forms.ChangePassword",
    "reset_password": "cilegon_portal.accounts.forms.AskForPassword",
    "reset_password_from_key": "cilegon_portal.accounts.forms.NewPassword",
    "reauthenticate": "cilegon_portal.accounts.forms.PasswordAgain",
}
# Phones of one carrier and the tills of one market share an address: per address it is generous.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "100/15m/ip,12/5m/key",
    "reset_password": "60/m/ip,5/m/key",
}
MFA_ADAPTER = "cilegon_portal.accounts.adapter.MFAAdapter"
MFA_TOTP_TOLERANCE = 1  # one period early or late; a code is still taken once
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "BPJS Ketenagakerjaan Cilegon"
MFA_FORMS = {
    "authenticate": "cilegon_portal.accounts.forms.SecondFactorCode",
    "reauthenticate": "cilegon_portal.accounts.forms.SecondFactorAgain",
    "activate_totp": "cilegon_portal.accounts.forms.ActivateTotp",
}

OUTBOX_CHANNELS = {
    name: text(f"OUTBOX_{name}", "cilegon_portal.outbox.channels.Console")
    for name in ("SMS", "WA", "EMAIL")
}
CODES_A_DAY = int(text("CODES_A_DAY", "5000"))  # past it the log carries an alarm
MAIL_DOMAIN = text("MAIL_DOMAIN", "localhost")

LANGUAGE_CODE = "id"
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "cilegon_portal.stylesheet.StylesheetFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^sehat$"]  # a load balancer asks on plain http
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", default=False) else None
)
# W021 wants HSTS preload: a list for a whole domain, which is not this branch's to enter.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = not DEMO
SESSION_COOKIE_NAME = "sid" if DEMO else "__Host-sid"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = not DEMO
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "csrf" if DEMO else "__Host-csrf"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = ["cilegon_portal.sheets.uploads.NamelessFileHandler"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in (
        "camera",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
}

LOGGING = logs.settings(text("LOG_LEVEL", "INFO"))
