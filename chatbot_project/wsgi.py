"""The one WSGI application: gunicorn serves it on EKS and on a laptop, apig-wsgi on Lambda."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatbot_project.settings")

application = get_wsgi_application()
