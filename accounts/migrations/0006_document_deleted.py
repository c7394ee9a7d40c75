from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_event_kinds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="securityevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("login", "Login"),
                    ("logout", "Logout"),
                    ("password_reset", "Password Reset"),
                    ("second_factor", "Second Factor"),
                    ("limit", "Limit reached"),
                    ("denied", "Access denied"),
                    ("sas_issued", "Sas Issued"),
                    ("personal_data_revealed", "Personal Data Revealed"),
                    ("account_changed", "Account Changed"),
                    ("sessions_ended", "Sessions Ended"),
                    ("document_confirmed", "Document Confirmed"),
                    ("document_deleted", "Document Deleted"),
                    ("key_rotation", "Key Rotation"),
                    ("provider_switched", "Provider Switched"),
                    ("alert_seen", "Alert Seen"),
                    ("demo_number", "Demo Number"),
                    ("suppression_lifted", "Suppression Lifted"),
                    ("records_purged", "Records Purged"),
                    ("subject_exported", "Subject Exported"),
                    ("subject_erased", "Subject Erased"),
                ],
                max_length=30,
            ),
        ),
    ]
