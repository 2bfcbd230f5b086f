from django.db import migrations

ROLES = [
    "WORKER",
    "REPORTER",
    "APPROVER",
    "PARTNER",
    "VOLUNTEER",
    "SERVICE",
    "OFFICER",
    "INSPECTOR",
    "OUTREACH",
    "HEAD_OF_SECTION",
    "HEAD_OF_BRANCH",
    "AUDITOR",
    "ADMIN",
]


def make_roles(apps, _schema_editor):
    """Write one group a role; nobody is in it."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_second_factor"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
