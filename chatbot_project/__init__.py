"""The Django project: settings, routes, the WSGI application, and the pages about the service itself."""

__version__ = "0.1.0"
