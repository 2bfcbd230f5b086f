"""What holds for the whole tree, whoever adds to it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pgtrigger
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.template import engines
from procrastinate.contrib.django import app as jobs

from cilegon_portal.fields import EncryptedField

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cilegon_portal", "participants", "employers")
# Lower first. Apps of one floor do not see each other.
FLOORS = (
    ("outbox",),
    ("accounts", "reference"),
    ("people",),
    ("contributions",),
    ("participants", "employers"),
    ("outreach",),
    ("privacy",),
    ("dashboard",),
)
FLOOR = {label: number for number, labels in enumerate(FLOORS) for label in labels}
TASK = re.compile(rf"(?:{'|'.join(PACKAGES)})\.(?:\w+\.)*tasks\.\w+")
# Django looks these up by itself.
BY_CONVENTION = {f"{status}.html" for status in (400, 403, 404, 429, 500, 503)} | {"403_csrf.html"}
# Words in the name of a column that holds something about a person.
PERSONAL = re.compile(r"name|phone|email|birth|address|mother|number|text|contact")
HARMLESS = {
    "people.PersonEvent.phone_proven_by",  # in which way, not which phone
    "participants.OccupationEvent.name",  # of a trade
    "employers.LineOfBusinessEvent.name",  # of a trade too
}


def our_models() -> list[type[models.Model]]:
    return [
        model
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in PACKAGES
        for model in config.get_models()
    ]


def is_event(model: type[models.Model]) -> bool:
    return hasattr(model, "pgh_tracked_model")


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def floor_of(module: str) -> int:
    """Return the floor of a dotted module; what belongs to no app lies above all of them."""
    labels = [part for part in module.split(".") if part in FLOOR]
    return FLOOR[labels[0]] if labels else len(FLOORS)


def test_every_app_of_ours_has_a_floor():
    labels = {model._meta.app_label for model in our_models()}

    assert labels <= FLOOR.keys()


def test_foreign_keys_point_down():
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and field.related_model._meta.app_label in FLOOR
        and field.related_model._meta.app_label != model._meta.app_label
        and FLOOR[field.related_model._meta.app_label] >= FLOOR[model._meta.app_label]
    ]

    assert upward == []


def test_every_enqueued_task_exists_on_its_own_floor_or_below():
    named = {
        (path.relative_to(ROOT), node.value)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and TASK.fullmatch(node.value)
    }
    unknown = {name for _, name in named if name not in jobs.tasks}
    upward = {
        f"{path}: {name}"
        for path, name in named
        if floor_of(name) > floor_of(".".join(path.with_suffix("").parts))
    }

    assert unknown == set()
    assert upward == set()


def test_every_model_says_what_a_row_is():
    silent = [
        model._meta.label
        for model in our_models()
        if not model.__doc__ or model.__doc__.startswith(f"{model.__name__}(")
    ]

    assert silent == []


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def overrides_of_packages() -> set[str]:
    """Return the names of templates that installed packages look up."""
    folders = [
        Path(folder)
        for folder in engines["django"].template_dirs
        if ROOT not in Path(folder).parents or ".venv" in Path(folder).parts
    ]
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.*")}


def mentioned(name: str, texts: list[str], patterns: list[re.Pattern[str]]) -> bool:
    quoted = re.compile(rf"""["']{re.escape(name)}["']""")
    return any(quoted.search(text) for text in texts) or any(
        pattern.fullmatch(name) for pattern in patterns
    )


def test_no_template_is_unused():
    templates = ROOT / "templates"
    pages = [path for path in templates.rglob("*") if path.suffix in {".html", ".txt", ".typ"}]
    texts = [path.read_text() for path in [*sources(), *pages]]
    # f"participants/{step}.html" mentions every template that it can name.
    patterns = [
        re.compile(re.sub(r"\\\{.*?\\\}", r"[\\w/-]+", re.escape(found)))
        for text in texts
        for found in re.findall(r'f"([^"\n]*\{[^"\n]*\.(?:html|txt|typ))"', text)
    ]
    known = BY_CONVENTION | overrides_of_packages()
    names = {str(path.relative_to(templates)) for path in pages}
    unused = {name for name in names - known if not mentioned(name, texts, patterns)}

    assert unused == set()


def constraint_names() -> list[str]:
    return sorted(
        {
            constraint.name
            for model in our_models()
            for constraint in model._meta.constraints
            if not is_event(model)
        }
    )


def test_every_constraint_name_occurs_in_a_test():
    texts = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    untested = [name for name in constraint_names() if name not in texts]

    assert untested == []


def test_every_registered_trigger_exists_in_the_database(db):
    expected = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'")
        found = {name for (name,) in cursor.fetchall()}

    assert expected - found == set()


def test_no_event_table_holds_a_personal_or_an_encrypted_column():
    held = {
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        if is_event(model)
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedField)
        or (PERSONAL.search(field.name) and not field.is_relation)
    }

    assert held - HARMLESS == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_itself_is_empty(package):
    assert (ROOT / package / "__init__.py").read_text() == ""


def test_no_line_of_ours_names_a_machine():
    named = [
        str(path.relative_to(ROOT))
        for path in sources()
        if re.search(r"/(?:home|root|work|Users)/", path.read_text())
    ]

    assert named == []


def test_static_files_are_kept_under_a_hashed_name():
    backend = settings.STORAGES["staticfiles"]["BACKEND"]

    assert backend == "whitenoise.storage.CompressedManifestStaticFilesStorage"


def test_every_variable_of_the_environment_is_documented():
    environ = re.compile(r"""environ(?:\.get\(|\[)\s*["']([A-Z_]+)["']""")
    reader = re.compile(r"""\b(?:text|flag|words)\("([A-Z_]+)\"""")
    names = {name for path in sources() for name in environ.findall(path.read_text())}
    names |= set(reader.findall((ROOT / "cilegon_portal" / "settings.py").read_text()))
    documented = (ROOT / "docs" / "environment.md").read_text()
    missing = {name for name in names - {"DJANGO_SETTINGS_MODULE"} if f"`{name}`" not in documented}

    assert {"DATABASE_URL", "DEMO"} <= names
    assert missing == set()
