"""Addresses of bills."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
