"""django-phone-verify, set up as its documentation shows."""
