"""The verbs of the command line. Importing it loads no heavy library; each verb loads what it needs."""

from .app import app, main

__all__ = ["app", "main"]
