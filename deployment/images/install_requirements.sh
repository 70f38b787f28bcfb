#!/bin/sh
# Makes /opt/venv of a file of requirements with hashes. Wheels alone: nothing is compiled, so no compiler is needed.
set -eu
requirements=$1

# pip lives in an environment of its own, which stays behind in this stage.
python3 -m venv /opt/installer
python3 -m venv --without-pip /opt/venv
if [ -s /run/secrets/pip.conf ]; then
  export PIP_CONFIG_FILE=/run/secrets/pip.conf
fi
if [ -s /run/secrets/ca-certificates ]; then
  export PIP_CERT=/run/secrets/ca-certificates
fi
/opt/installer/bin/pip --python /opt/venv/bin/python install --quiet --no-input --no-cache-dir \
  --disable-pip-version-check --no-compile --require-hashes --only-binary :all: --requirement "$requirements"

/opt/venv/bin/python /images/trim_environment.py
# Byte-code that is never compared with its source: dates, which copies change, cannot make it stale.
/opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib
