"""Addresses of the registration and people of a firm."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
