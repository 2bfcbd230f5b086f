"""What the worker's door writes: registrations, renewals, cards."""

from participants.actions.registration import register, start_assisted

__all__ = ["register", "start_assisted"]
