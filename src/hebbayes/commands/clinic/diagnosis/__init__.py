"""Diagnoses of subjects and groups as tables, figures and a page, rivals beside them."""
