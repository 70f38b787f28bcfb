#!/bin/sh
# In /app, with the application copied there: its static files, and byte-code as install_requirements.sh makes it.
set -eu
python=/opt/venv/bin/python

rm -r deployment/images requirements*.txt
# Settings want a key; this one signs nothing and is gone with this step.
key="$("$python" -c 'import secrets; print(secrets.token_urlsafe(50))')"
DJANGO_SECRET_KEY="$key" STATIC_ROOT=/app/static "$python" manage.py collectstatic --no-input --ignore '*.map' \
  --verbosity 0
# WhiteNoise sends the compressed copy to browsers that take it.
"$python" -m whitenoise.compress --quiet /app/static
# Collected now; packages' own copies are not served.
find /opt/venv/lib/python3*/site-packages -type d -name static -prune -exec rm -r {} +
"$python" -m compileall -q -f --invalidation-mode unchecked-hash /app
# The host's umask is nobody's business here: everybody may read, root alone may write.
chmod -R u=rwX,go=rX /app
