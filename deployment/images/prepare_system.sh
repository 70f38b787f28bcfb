#!/bin/sh
# Of the base image: no pip, byte-code of the standard library where there is none (the root is read-only), and a user.
set -eu
cd /

if python3 -m pip --version >/dev/null 2>&1; then
  python3 -m pip uninstall --yes --quiet --root-user-action ignore pip
fi
library="$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
# Not what nobody imports: tests, some of them broken on purpose, and installers.
python3 -m compileall -q --invalidation-mode unchecked-hash \
  -x '/(test|tests|idlelib|lib2to3|ensurepip|site-packages|dist-packages)/' "$library"
# Libraries that look themselves up by user id find a name. Written by hand: small bases have no useradd.
echo 'chatbot:x:10001:' >>/etc/group
echo 'chatbot:x:10001:10001::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
