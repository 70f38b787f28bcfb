#!/usr/bin/env bash
# What the deploy scripts share: words to the user, checks, dry runs, Terraform. Sourced, never run.
#
# Exit codes of every deploy script: 0 done, 2 wrong arguments or settings, 3 a tool or credentials are missing, 4 the image
# was not built or pushed, 5 Terraform failed, 6 what was deployed did not get ready, 7 it does not answer as it should.

set -euo pipefail

# Taken by the scripts that source this file.
# shellcheck disable=SC2034
readonly WRONG_USE=2 MISSING=3 NO_IMAGE=4 NO_APPLY=5 NOT_READY=6 NO_ANSWER=7

# What both images stand on, by digest: the same bytes in every build, whoever moves the tag. A new digest, of the list
# for all platforms: docker buildx imagetools inspect python:3.12-slim-bookworm
export BASE_IMAGE="${BASE_IMAGE:-docker.io/library/python:3.12-slim-bookworm@sha256:54c85f3c47607a77f32adec749d3c81d1348bf25833671f512b26a9b6d778cb3}"

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly ROOT
DRY_RUN=""

# Everything that is said goes to standard error; standard output holds results alone.
say() { printf '%s\n' "$*" >&2; }
step() { printf '\n==> %s\n' "$*" >&2; }

# fail CODE SENTENCE...
fail() {
  local code=$1
  shift
  printf 'error: %s\n' "$*" >&2
  exit "$code"
}

# value OPTION REST-OF-THE-ARGUMENTS...: ends the script where an option that wants a value has none. What is empty, as of
# a variable that was not set, is none, and neither is the next option.
value() { [[ $# -gt 1 && -n $2 && $2 != --* ]] || fail "$WRONG_USE" "$1 needs a value"; }

# need TOOL WHAT-TO-DO: ends the script where the tool is not installed.
need() { command -v "$1" >/dev/null 2>&1 || fail "$MISSING" "$1 is needed: $2"; }

# run COMMAND...: what changes something. A dry run only shows it.
run() {
  if [[ -n $DRY_RUN ]]; then
    printf 'would run:' >&2
    printf ' %q' "$@" >&2
    printf '\n' >&2
  else
    "$@"
  fi
}

# absolute PROGRAM: where it is, whatever folder a command is run in. A name alone is looked up in PATH and stays.
absolute() {
  local program=$1
  [[ $program != */* || $program == /* ]] || program="$PWD/$program"
  printf '%s' "$program"
}

# The project's own Python, which has boto3: no second client of AWS is needed beside it.
find_python() {
  PYTHON="$(absolute "${PYTHON:-$ROOT/.venv/bin/python}")"
  command -v "$PYTHON" >/dev/null 2>&1 || PYTHON=python3
  need "$PYTHON" "run make run once, which makes .venv, or name a Python with requirements.txt in PYTHON"
  (cd "$ROOT" && "$PYTHON" -c 'import boto3, django') 2>/dev/null ||
    fail "$MISSING" "$PYTHON lacks what requirements.txt lists: install it, or name another Python in PYTHON"
}

# aws_call ACTION ARGUMENTS...: one call of AWS's API; deployment/scripts/aws.py names the actions.
aws_call() { (cd "$ROOT" && "$PYTHON" -m deployment.scripts.aws "$@"); }

# Sets REGION and ACCOUNT, or ends the script. Credentials come the SDK's ways alone: never as arguments.
find_account() {
  REGION="${AWS_REGION:-${AWS_DEFAULT_REGION:-}}"
  [[ -n $REGION ]] || fail "$WRONG_USE" "set AWS_REGION to the region to deploy to"
  export AWS_REGION="$REGION" AWS_DEFAULT_REGION="$REGION" # Terraform reads the one, boto3 the other
  ACCOUNT="$(aws_call account)" || fail "$MISSING" "there are no AWS credentials that work (see the line above)"
  export ACCOUNT
}

# A tag that says what an image holds: the commit, and a checksum of what is not committed yet. No stack of Terraform is
# part of an image.
image_tag() {
  local commit changes where=(. ":!deployment/terraform")
  commit="$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null)" ||
    fail "$WRONG_USE" "this is no git working copy: name the image's tag with --tag"
  changes="$(git -C "$ROOT" status --porcelain -- "${where[@]}")"
  if [[ -n $changes ]]; then
    changes="$({ git -C "$ROOT" diff HEAD -- "${where[@]}"
      git -C "$ROOT" ls-files --others --exclude-standard -z -- "${where[@]}" | (cd "$ROOT" && xargs -0 -r sha256sum)
    } | sha256sum)"
    commit="$commit-${changes:0:8}"
  fi
  printf '%s' "$commit"
}

# registry_login REGISTRY: lets build.sh push there. buildah's note of it goes with the script; docker's stays where docker
# keeps such notes.
registry_login() {
  local tool
  for tool in buildah docker; do
    if command -v "$tool" >/dev/null 2>&1; then
      [[ $tool != buildah ]] || export REGISTRY_AUTH_FILE="$SCRATCH/registry.json"
      aws_call registry-password | "$tool" login --username AWS --password-stdin "$1" >/dev/null ||
        fail "$NO_IMAGE" "$tool could not sign in at $1"
      return
    fi
  done
  fail "$MISSING" "buildah or docker is needed (Debian: apt install buildah)"
}

# check_environment NAME: ends the script where no environment can have that name. Every stack of Terraform has the same
# rule. 16, because a role's name ends at 64: chatbot-ENVIRONMENT-ap-southeast-1-load-balancer-controller. Hyphens stand
# alone and between others, because RDS and ElastiCache take no other ones.
check_environment() {
  [[ ${#1} -le 16 && $1 =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$ ]] ||
    fail "$WRONG_USE" "--environment takes up to 16 lower-case letters and digits, a letter first, with single hyphens between them"
}

# check_image_arguments TAG IMAGE: ends the script where one of them is given and is none.
check_image_arguments() {
  [[ -z $1 || $1 =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || fail "$WRONG_USE" "--tag is no tag of an image: $1"
  [[ -z $2 || $2 =~ @sha256:[0-9a-f]{64}$ ]] || fail "$WRONG_USE" "--image names an image by its digest: NAME@sha256:DIGEST"
}

# check_url URL: ends the script where one is given and is none.
check_url() {
  [[ -z $1 || $1 =~ ^https?://[^/[:space:]]+ ]] || fail "$WRONG_USE" "--url takes an address with https:// or http://: $1"
}

# need_release_tools IMAGE ARCHITECTURE: what a release needs; without an image to release, what builds one and names it
# (`tag`).
need_release_tools() {
  need terraform "install 1.11 or newer from https://developer.hashicorp.com/terraform/install"
  [[ -n ${TF_STATE_BUCKET:-} ]] || fail "$WRONG_USE" "set TF_STATE_BUCKET to the S3 bucket of Terraform's state"
  [[ -z $1 ]] || return 0
  command -v buildah >/dev/null 2>&1 || need docker "install it, or buildah (Debian: apt install buildah)"
  if [[ -z $tag ]]; then
    tag="$(image_tag)" || exit
    tag="$tag-$2"
  fi
}

# prepare_image KIND PLATFORM: sets `image`, by its digest. An image that is in the registry under this tag
# already is not built again.
prepare_image() {
  local kind=$1 platform=$2 repository digest
  terraform_apply registry
  repository="$(terraform_value registry "${kind}_repository_url")" || exit
  # A dry run may find that nothing was applied yet.
  repository="${repository:-$ACCOUNT.dkr.ecr.$REGION.amazonaws.com/$REPOSITORY}"
  digest="$(aws_call image-digest "$REPOSITORY" "$tag")" || fail "$NO_IMAGE" "the registry could not be asked for $tag"
  if [[ -n $digest ]]; then
    say "$repository:$tag is in the registry already"
    image="$repository@$digest"
    return
  fi
  if [[ -n $DRY_RUN ]]; then
    run "$ROOT/deployment/images/build.sh" "$kind" --tag "$repository:$tag" --platform "$platform" --push
    image="$repository@sha256:$(printf '0%.0s' {1..64})"
    say "What follows names the image with zeros: its digest is known when it was pushed."
    return
  fi
  registry_login "${repository%%/*}"
  # shellcheck disable=SC2034  # read by the scripts that source this file
  image="$("$ROOT/deployment/images/build.sh" "$kind" --tag "$repository:$tag" --platform "$platform" --push)" ||
    fail "$NO_IMAGE" "the image was not built or not pushed: the lines above say why"
}

# A folder for what must not outlive the script.
make_scratch() {
  SCRATCH="$(umask 077 && mktemp -d)"
  trap 'rm -rf "$SCRATCH"' EXIT
}

# smoke_test URL API-KEYS-TABLE ARGUMENTS...: one real chat, as the caller of SMOKE_API_KEY or SMOKE_TOKEN, or with a key
# that is made for it and revoked after it.
smoke_test() {
  local url=$1 table=$2 code=0 key_id=""
  shift 2
  if [[ -z ${SMOKE_API_KEY:-}${SMOKE_TOKEN:-} ]]; then
    # Not the end of the script: what cannot be tested is taken back like what does not answer.
    SMOKE_API_KEY="$(api_key "$table" create --owner smoke-test --name "smoke test of a deployment" \
      --scopes chat,history:read,history:delete --expires-in-days 1 2>"$SCRATCH/key")" ||
      { say "error: no API key could be made: $(<"$SCRATCH/key")"; return "$NO_ANSWER"; }
    key_id="$(sed -n 's/^Key \([^ ]*\) of .*/\1/p' "$SCRATCH/key")"
    export SMOKE_API_KEY
  fi
  (cd "$ROOT" && "$PYTHON" -m deployment.scripts.smoke_test "$url" "$@") || code=$?
  if [[ -n $key_id ]]; then
    unset SMOKE_API_KEY
    api_key "$table" revoke "$key_id" 2>/dev/null || say "warning: key $key_id was not revoked; it ends tomorrow"
  fi
  return "$code"
}

# api_key TABLE ARGUMENTS...: the project's own command. It reads and writes that table alone; Django's secret key is not
# used, but has to be there and be a good one.
api_key() {
  local table=$1 unused
  shift
  unused="$("$PYTHON" -c 'import secrets; print(secrets.token_urlsafe(50))')"
  (cd "$ROOT" && DJANGO_SECRET_KEY="$unused" LOCAL_STATE_DIR="$SCRATCH" API_KEYS_TABLE="$table" \
    "$PYTHON" manage.py api_key "$@")
}

# --- Terraform --------------------------------------------------------------------------------------------------------
# Each stack and environment has a state of its own in TF_STATE_BUCKET, and a folder for plans and provider of its own,
# so that two environments never meet in one working copy.

terraform_stack() { # STACK ARGUMENTS...
  local stack=$1
  shift
  TF_DATA_DIR="$TF_WORK/$stack" TF_IN_AUTOMATION=1 terraform -chdir="$ROOT/deployment/terraform/$stack" "$@"
}

terraform_init() { # STACK
  [[ -n ${TF_STATE_BUCKET:-} ]] || fail "$WRONG_USE" "set TF_STATE_BUCKET to the S3 bucket of Terraform's state"
  TF_WORK="$ROOT/.local/terraform/$ENVIRONMENT-$REGION"
  mkdir -p "$TF_WORK"
  terraform_stack "$1" init -input=false -reconfigure -backend-config="bucket=$TF_STATE_BUCKET" \
    -backend-config="key=chatbot/$ENVIRONMENT/$REGION/$1.tfstate" -backend-config="region=$REGION" >&2 ||
    fail "$NO_APPLY" "Terraform could not prepare the stack $1"
}

# find_values STACK: sets `values`, Terraform's arguments for the stack's variables in this environment and region. Of
# deployment/terraform/STACK/ENVIRONMENT.tfvars and ENVIRONMENT-REGION.tfvars those are taken that are there; what both
# name is as the region's file says.
find_values() {
  local name file
  values=()
  for name in "$ENVIRONMENT" "$ENVIRONMENT-$REGION"; do
    file="$ROOT/deployment/terraform/$1/$name.tfvars"
    [[ ! -f $file ]] || values+=("-var-file=$file")
  done
  values+=("-var=region=$REGION" "-var=environment=$ENVIRONMENT")
}

# terraform_apply STACK VARIABLES...: plans and applies just that plan; a dry run ends after the plan.
terraform_apply() {
  local stack=$1 plan values
  shift
  terraform_init "$stack"
  plan="$TF_WORK/$stack.plan"
  find_values "$stack"
  terraform_stack "$stack" plan -input=false -out="$plan" "${values[@]}" "$@" >&2 ||
    fail "$NO_APPLY" "Terraform could not plan the stack $stack"
  if [[ -z $DRY_RUN ]]; then
    terraform_stack "$stack" apply -input=false "$plan" >&2 ||
      fail "$NO_APPLY" "Terraform did not apply the stack $stack to its end; it may be run again"
  fi
  rm -f "$plan"
}

# terraform_check STACK EXPRESSION: the expression's value by the stack's variables, as Terraform's console shows it. Ends
# the script where a variable's value is refused or missing: before anything is built or applied for the stack.
terraform_check() {
  local stack=$1 expression=$2 shown values code=0
  terraform_init "$stack"
  find_values "$stack"
  shown="$(terraform_stack "$stack" console -no-color "${values[@]}" <<<"$expression" 2>"$SCRATCH/console")" || code=$?
  # The console may go on after an error, and may crash behind it.
  if [[ $code -ne 0 ]] || grep -q '^Error' "$SCRATCH/console"; then
    sed '/^!!!!/,$d' "$SCRATCH/console" >&2
    fail "$NO_APPLY" "Terraform refuses the stack $stack: the lines above say why"
  fi
  [[ $shown != *"(known after apply)"* ]] ||
    fail "$WRONG_USE" "a variable of the stack $stack has no value: see deployment/terraform/$stack/variables.tf"
  printf '%s' "$shown"
}

# terraform_apply_on_tables STACK VARIABLES...: terraform_apply for a stack that reads the tables. A dry run leaves its plan out
# where they are not there yet, as before the first deployment: Terraform could only say that it does not find them.
terraform_apply_on_tables() {
  local stack=$1 missing
  if [[ -n $DRY_RUN ]]; then
    missing="$(missing_tables "$stack")" || exit
    if [[ -n $missing ]]; then
      say "The plan of the stack $stack is left out: it reads tables that are not there yet ($missing). --with-data makes them."
      return
    fi
  fi
  terraform_apply "$@"
}

# missing_tables STACK: which tables the stack reads and are not there, with commas between them.
missing_tables() {
  local shown names
  shown="$(terraform_check "$1" 'join(" ", [var.conversations_table, var.usage_table, var.api_keys_table])')" || return
  read -ra names <<<"${shown//\"/}"
  aws_call missing-tables "${names[@]}" || fail "$NO_APPLY" "DynamoDB could not be asked for the tables"
}

# terraform_value STACK OUTPUT: an output of a stack, nothing where it has none of that name yet: what is not text comes
# as JSON. Fails where Terraform cannot say, with its reason: `|| exit` behind the assignment ends the script.
terraform_value() {
  local outputs
  outputs="$(terraform_stack "$1" output -json)" ||
    fail "$NO_APPLY" "Terraform could not read the outputs of the stack $1: the lines above say why"
  "$PYTHON" -c 'import json, sys
value = json.load(sys.stdin).get(sys.argv[1], {}).get("value")
print("" if value is None else value if isinstance(value, str) else json.dumps(value))' "$2" <<<"$outputs"
}
