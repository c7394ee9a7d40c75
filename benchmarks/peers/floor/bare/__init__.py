"""The floor: Django and its REST framework, and nothing of ours."""
