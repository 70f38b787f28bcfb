"""The one WSGI application: gunicorn serves it on EKS and on a laptop, apig-wsgi on Lambda.

Raises ImproperlyConfigured where the settings are not safe to serve.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatbot_project.settings")

application = get_wsgi_application()

from chatbot_project.checks import refuse_unsafe_settings  # noqa: E402  # after Django has its settings

refuse_unsafe_settings()
