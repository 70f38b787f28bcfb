#!/usr/bin/env bash
# Builds the container images with buildah or docker, and pushes them. `make images` builds both for this machine.
# shellcheck source=deployment/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"

usage() {
  cat <<'TEXT'
usage: deployment/images/build.sh server|lambda|all [options]

  --tag NAME         name of the image (localhost/chatbot-api:dev, localhost/chatbot-api-lambda:dev); not with all
  --platform LIST    linux/amd64, linux/arm64, or both with a comma between them: one name for an image of each. A platform
                     that is not this machine's needs its emulator (qemu-user-static). Lambda takes one platform only.
  --base-image NAME  what the image stands on; also BASE_IMAGE. To be pushed, it must be named by its digest.
  --tool NAME        buildah or docker (the first that is there)
  --push             push the image; the tool must be signed in at the registry
  --dry-run          show the commands and run none
  --help             show this

Standard output is one line for each image: its name, by digest where it was pushed.
Packages come from where the host's pip has them from: PIP_INDEX_URL and PIP_EXTRA_INDEX_URL, or else its configuration
file. Neither that nor the host's certificates get into the image.

Exit codes: 0 done, 2 wrong arguments, 3 there is no buildah and no docker, 4 the image was not built or not pushed.
TEXT
}

target="" tag="" platform="" push="" tool=""

while [[ $# -gt 0 ]]; do
  case $1 in
    server | lambda | all)
      [[ -z $target ]] || fail "$WRONG_USE" "one of server, lambda and all, not two"
      target=$1
      ;;
    --tag) value "$@" && tag=$2 && shift ;;
    --platform) value "$@" && platform=$2 && shift ;;
    --base-image) value "$@" && BASE_IMAGE=$2 && shift ;;
    --tool) value "$@" && tool=$2 && shift ;;
    --push) push=yes ;;
    --dry-run) DRY_RUN=yes ;;
    --help | -h) usage && exit 0 ;;
    *) fail "$WRONG_USE" "$1 is not known; --help shows what is" ;;
  esac
  shift
done

check_arguments() {
  [[ -n $target ]] || fail "$WRONG_USE" "say which image: server, lambda or all"
  [[ $target != all || -z $tag ]] || fail "$WRONG_USE" "--tag names one image: say server or lambda"
  [[ -z $platform || $platform =~ ^linux/(amd64|arm64)(,linux/(amd64|arm64))?$ ]] ||
    fail "$WRONG_USE" "--platform takes linux/amd64, linux/arm64 or linux/amd64,linux/arm64"
  [[ $target == server || $platform != *,* ]] || fail "$WRONG_USE" "a Lambda function is of one platform: name one"
  [[ -z $push || -n $tag ]] || fail "$WRONG_USE" "--push needs --tag, which says where to"
  [[ -z $push || $BASE_IMAGE == *@sha256:* ]] ||
    fail "$WRONG_USE" "$BASE_IMAGE may change behind its name: with --push name it as NAME@sha256:DIGEST"
}

choose_tool() {
  if [[ -z $tool ]]; then
    for tool in buildah docker; do
      command -v "$tool" >/dev/null 2>&1 && return
    done
    fail "$MISSING" "buildah or docker is needed (Debian: apt install buildah)"
  fi
  [[ $tool == buildah || $tool == docker ]] || fail "$WRONG_USE" "--tool takes buildah or docker"
  need "$tool" "install it, or leave --tool out"
}

# Where the host's pip finds packages, and the certificates it trusts, as secrets of the build: SECRETS.
find_secrets() {
  local file
  SECRETS=()
  if [[ -n ${PIP_INDEX_URL:-}${PIP_EXTRA_INDEX_URL:-} ]]; then
    (umask 077 && {
      echo "[global]"
      [[ -z ${PIP_INDEX_URL:-} ]] || echo "index-url = $PIP_INDEX_URL"
      [[ -z ${PIP_EXTRA_INDEX_URL:-} ]] || echo "extra-index-url = $PIP_EXTRA_INDEX_URL"
    } >"$WORK/pip.conf")
    SECRETS+=(--secret "id=pip.conf,src=$WORK/pip.conf")
  elif file="$(first_file "${PIP_CONFIG_FILE:-}" "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" \
    "$HOME/.pip/pip.conf" /etc/pip.conf)"; then
    SECRETS+=(--secret "id=pip.conf,src=$file")
  fi
  if file="$(first_file "${PIP_CERT:-}" "${REQUESTS_CA_BUNDLE:-}" "${SSL_CERT_FILE:-}" \
    /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem)"; then
    SECRETS+=(--secret "id=ca-certificates,src=$file")
  fi
}

first_file() {
  local file
  for file in "$@"; do
    [[ -f $file && -s $file ]] && printf '%s' "$file" && return
  done
  return 1
}

build() { # IMAGE NAME
  local dockerfile=deployment/Dockerfile version revision arguments
  [[ $1 == server ]] || dockerfile=deployment/Dockerfile.lambda
  version="$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' chatbot_project/__init__.py)"
  revision="$(git rev-parse HEAD 2>/dev/null || echo unknown)"
  arguments=(--file "$dockerfile" "${SECRETS[@]}" ${platform:+--platform "$platform"} --build-arg "BASE_IMAGE=$BASE_IMAGE"
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision")
  step "Building $2 with $tool"
  "build_with_$tool" "$2" "${arguments[@]}" . >&2 || fail "$NO_IMAGE" "$2 was not built or not pushed: the lines above say why"
}

build_with_buildah() { # NAME ARGUMENTS...
  local name=$1
  shift
  # Docker's format knows health checks. buildah's cache does not notice a changed file that a step only mounts.
  if [[ $platform == *,* ]]; then
    run buildah manifest rm "$name" 2>/dev/null || true
    run buildah build --format docker --layers --no-cache --manifest "$name" "$@" || return
    [[ -z $push ]] || run buildah manifest push --all --digestfile "$WORK/digest" "$name" "docker://$name"
  else
    run buildah build --format docker --layers --no-cache --tag "$name" "$@" || return
    [[ -z $push ]] || run buildah push --digestfile "$WORK/digest" "$name" "docker://$name"
  fi
}

build_with_docker() { # NAME ARGUMENTS...
  local name=$1 output=--load
  shift
  [[ -z $push ]] || output=--push
  # Without attestations: with them an image is a list of images, which Lambda refuses.
  run docker buildx build --provenance=false --sbom=false --metadata-file "$WORK/metadata" "$output" --tag "$name" "$@" || return
  [[ -z $push || -n $DRY_RUN ]] ||
    sed -n 's/.*"containerimage.digest": *"\([^"]*\)".*/\1/p' "$WORK/metadata" >"$WORK/digest"
}

# The name a deployment uses: by digest once pushed, because a tag may be moved.
named() { # NAME
  local name=$1
  if [[ -s $WORK/digest ]]; then
    [[ ${name##*/} != *:* ]] || name="${name%:*}"
    name="$name@$(<"$WORK/digest")"
  fi
  printf '%s\n' "$name"
}

check_arguments
choose_tool
cd "$ROOT"
WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT
find_secrets

for image in server lambda; do
  [[ $target == all || $target == "$image" ]] || continue
  name="${tag:-localhost/chatbot-api:dev}"
  [[ $image == server || -n $tag ]] || name=localhost/chatbot-api-lambda:dev
  build "$image" "$name"
  named "$name"
done
