import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_inspection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_id", models.UUIDField(help_text="The account that changed it")),
                ("field", models.CharField(max_length=16)),
                ("was", models.CharField(blank=True, max_length=36)),
                ("became", models.CharField(blank=True, max_length=36)),
                ("correlation_id", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="SASGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "signature_sha256",
                    models.CharField(max_length=64, verbose_name="SHA-256 of the signature"),
                ),
                (
                    "right",
                    models.CharField(
                        choices=[("create", "Create"), ("read", "Read")], max_length=8
                    ),
                ),
                ("blob_name", models.CharField(max_length=128)),
                ("client_address", models.CharField(blank=True, max_length=50)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("correlation_id", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "SAS grant",
                "ordering": ("-issued_at", "-id"),
            },
        ),
        migrations.AddField(
            model_name="document",
            name="available_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="document",
            name="path_closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="document",
            name="upload_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["uploader", "available_at"], name="document_quota"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(
                    ("path_closed_at__isnull", True), ("state__in", ("rejected", "deleted"))
                ),
                fields=["created_at"],
                name="document_open_path",
            ),
        ),
        migrations.AddField(
            model_name="referencechange",
            name="reference",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="documents.reference",
            ),
        ),
        migrations.AddField(
            model_name="sasgrant",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sas_grants",
                to="documents.document",
            ),
        ),
        migrations.AddField(
            model_name="sasgrant",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sas_grants",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="referencechange",
            index=models.Index(fields=["-at", "-id"], name="referencechange_newest"),
        ),
        migrations.AddIndex(
            model_name="sasgrant",
            index=models.Index(fields=["-issued_at", "-id"], name="sasgrant_newest"),
        ),
        migrations.AddIndex(
            model_name="sasgrant",
            index=models.Index(fields=["user", "-issued_at"], name="sasgrant_user"),
        ),
        migrations.AddIndex(
            model_name="sasgrant",
            index=models.Index(fields=["document", "-issued_at"], name="sasgrant_document"),
        ),
        migrations.AddIndex(
            model_name="sasgrant",
            index=models.Index(fields=["signature_sha256"], name="sasgrant_signature"),
        ),
    ]
