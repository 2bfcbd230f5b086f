from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_roles")]

    operations = [
        migrations.AlterField(
            model_name="submittedform",
            name="result",
            field=models.CharField(max_length=2000, verbose_name="alamat hasil"),
        ),
    ]
