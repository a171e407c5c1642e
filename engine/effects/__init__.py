"""Writes what a step asked for: user tasks, jobs, subscriptions, incidents, history and events."""

from engine.effects.writing import WRITERS, apply, task_data

__all__ = ["WRITERS", "apply", "task_data"]
