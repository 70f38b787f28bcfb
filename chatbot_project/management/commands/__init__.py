"""`manage.py prepare_database`."""
