"""Addresses of wage reports."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
