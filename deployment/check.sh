#!/usr/bin/env bash
# What `make check-deploy` runs: everything under deployment/ that can be proven without an AWS account.
# shellcheck source=deployment/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'TEXT'
usage: deployment/check.sh [--without-images]

  --without-images  leave out what builds and runs container images

TERRAFORM_MIRROR is a folder that holds Terraform's providers, for machines that cannot reach its registry; without it
Terraform's own configuration holds.
Exit codes: 0 done, 2 wrong arguments, 3 a tool is missing, anything else: a check failed.
TEXT
}

images=yes
while [[ $# -gt 0 ]]; do
  case $1 in
    --without-images) images="" ;;
    --help | -h) usage && exit 0 ;;
    *) fail "$WRONG_USE" "$1 is not known; --help shows what is" ;;
  esac
  shift
done

cd "$ROOT"
venv="${VENV:-.venv}"
need shellcheck "Debian: apt install shellcheck"
need terraform "https://developer.hashicorp.com/terraform/install"
need kubectl "https://kubernetes.io/docs/tasks/tools/"
need promtool "Debian: apt install prometheus"
if [[ -n $images ]]; then
  need buildah "Debian: apt install buildah; or --without-images"
  need podman "Debian: apt install podman; or --without-images"
fi
make_scratch
if [[ -n ${TERRAFORM_MIRROR:-} ]]; then
  [[ -d $TERRAFORM_MIRROR ]] || fail "$WRONG_USE" "TERRAFORM_MIRROR is no folder: $TERRAFORM_MIRROR"
  TERRAFORM_MIRROR="$(cd "$TERRAFORM_MIRROR" && pwd)"
  export TF_CLI_CONFIG_FILE="$SCRATCH/terraform.rc"
  printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$TERRAFORM_MIRROR" >"$TF_CLI_CONFIG_FILE"
fi

# Images are built while other things are looked at: building them waits for packages, mostly.
begin_images() {
  # In a process group of their own: what ends before them ends all of it.
  set -m
  deployment/images/build.sh all </dev/null >"$SCRATCH/images" 2>&1 &
  set +m
  building=$!
  trap 'kill -- "-$building" 2>/dev/null || true; rm -rf "$SCRATCH"' EXIT
}

finish_images() {
  local code=0
  wait "$building" || code=$?
  cat "$SCRATCH/images" >&2
  [[ $code -eq 0 ]] || exit "$code"
}

# In a copy, where Terraform may note what it installs.
validate() {
  local copy="$SCRATCH/stacks" stack
  mkdir -p "$copy/deployment"
  cp .env.example "$copy"
  cp -R deployment/terraform "$copy/deployment"
  for stack in "$copy"/deployment/terraform/*/versions.tf; do
    stack="${stack%/versions.tf}"
    say "${stack##*/}"
    terraform -chdir="$stack" init -backend=false -input=false >"$SCRATCH/init" || fail "$NO_APPLY" "$(<"$SCRATCH/init")"
    # It reads 13 MB of schemas each time: memory is cheaper here than collecting it.
    GOGC=400 terraform -chdir="$stack" validate >&2 || fail "$NO_APPLY" "the stack ${stack##*/} is not valid"
  done
}

[[ -z $images ]] || begin_images
step "Scripts"
git ls-files -z --cached --others --exclude-standard -- 'deployment/*.sh' '.ci/run' | xargs -0 shellcheck --external-sources
step "Dockerfiles"
"$venv/deploy/bin/hadolint" deployment/Dockerfile deployment/Dockerfile.lambda
step "Rules of Prometheus"
rules="$("$venv/bin/python" -m deployment.monitoring.rule_files "$SCRATCH/rules")"
mapfile -t rules <<<"$rules"
promtool check rules "${rules[@]}" >&2
step "Terraform's form"
terraform fmt -check -recursive -diff deployment/terraform
step "Terraform's stacks, validated"
validate
if command -v tflint >/dev/null; then
  step "Terraform's lint"
  tflint --recursive --chdir deployment/terraform
fi
tests=(tests/deployment/kubernetes tests/deployment/eks tests/deployment/terraform tests/deployment/monitoring)
if [[ -n $images ]]; then
  step "Images"
  finish_images
  tests+=(tests/deployment/images)
fi
step "Manifests, stacks, deploy scripts${images:+, images}"
# Three at a time, because many wait for what Terraform makes; each has a MiniStack of its own. In the order of
# tests/deployment/conftest.py. Those that `make test` left out for want of a tool run here.
"$venv/bin/python" -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "deploy or not deploy" "${tests[@]}"
