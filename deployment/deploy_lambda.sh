#!/usr/bin/env bash
# Deploys the application as the Lambda function chatbot-api, and sees that it answers.
# shellcheck source=deployment/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'TEXT'
usage: deployment/deploy_lambda.sh [options]

Builds the image, pushes it to ECR, applies Terraform (registry, app-lambda), waits until the function is ready and holds
a real chat with it. Standard output is the URL. May be run again at any time: what is there already is kept.

  --environment NAME    which environment (production). Its values are read from deployment/terraform/STACK/NAME.tfvars,
                        and those of one region from NAME-REGION.tfvars
  --with-data           apply the stack data, the tables, as well
  --architecture NAME   arm64 or x86_64 (arm64); another one than this machine's needs its emulator (qemu-user-static)
  --tag NAME            tag of the image (the commit, and a checksum of what is not committed)
  --image URI           deploy this image, which is in ECR already, by its digest: nothing is built
  --canary PERCENT      let the new version answer this share of the requests, once a chat with it alone went well; the next
                        run without it lets it answer all
  --url URL             chat with the function there, for a domain name of your own
  --no-smoke-test       hold no chat
  --rollback            let the version before answer again, or a canary no request more, at once and without Terraform;
                        nothing else is done, and a second time nothing at all
  --dry-run             build, push and change nothing: show the commands, and Terraform's plans; before there are tables,
                        without the function's
  --help                show this

Environment:
  AWS_REGION            region to deploy to; credentials come the SDK's usual ways (profile, role, AWS_ACCESS_KEY_ID)
  TF_STATE_BUCKET       S3 bucket of Terraform's state
  TF_VAR_name           values of Terraform's variables that no file sets, as TF_VAR_secrets
  SMOKE_API_KEY         API key to chat with; without it one is made, and revoked afterwards
  SMOKE_TOKEN           token of your OIDC issuer instead, which is needed where API Gateway asks for one
  BASE_IMAGE            what the image stands on, by its digest
  AWS_ENDPOINT_URL      other services than AWS's own

When the chat fails, the version before answers again and the script ends with 7.

Exit codes: 0 done, 2 wrong arguments or settings, 3 a tool or credentials are missing, 4 the image was not built or pushed,
5 Terraform failed, 6 the function did not get ready, 7 it does not answer as it should.
TEXT
}

readonly FUNCTION=chatbot-api REPOSITORY=chatbot-api-lambda READY_SECONDS=300
ENVIRONMENT=production architecture=arm64 with_data="" tag="" image="" canary="" url="" smoke=yes rollback=""

while [[ $# -gt 0 ]]; do
  case $1 in
    --environment) value "$@" && ENVIRONMENT=$2 && shift ;;
    --with-data) with_data=yes ;;
    --architecture) value "$@" && architecture=$2 && shift ;;
    --tag) value "$@" && tag=$2 && shift ;;
    --image) value "$@" && image=$2 && shift ;;
    --canary) value "$@" && canary=$2 && shift ;;
    --url) value "$@" && url=${2%/} && shift ;;
    --no-smoke-test) smoke="" ;;
    --rollback) rollback=yes ;;
    --dry-run) DRY_RUN=yes ;;
    --help | -h) usage && exit 0 ;;
    *) fail "$WRONG_USE" "$1 is not known; --help shows what is" ;;
  esac
  shift
done

check_arguments() {
  check_environment "$ENVIRONMENT"
  [[ $architecture == arm64 || $architecture == x86_64 ]] || fail "$WRONG_USE" "--architecture takes arm64 or x86_64"
  check_image_arguments "$tag" "$image"
  check_url "$url"
  [[ -z $canary || $canary =~ ^[1-9][0-9]?$ ]] || fail "$WRONG_USE" "--canary takes a whole number from 1 to 99"
  [[ -z $rollback || -z $with_data$tag$image$canary ]] || fail "$WRONG_USE" "--rollback goes with no option of a deployment"
}

check_tools() {
  step "Checking tools and credentials"
  find_python
  if [[ -z $rollback ]]; then
    need_release_tools "$image" "$architecture"
  fi
  find_account
  say "Account $ACCOUNT, region $REGION, environment $ENVIRONMENT"
}

# What would end the deployment later, seen before anything is built.
check_deployment() {
  local wants_token
  [[ -z $canary ]] || need_live_version
  # The number of secrets is asked for because they are needed.
  wants_token="$(terraform_check app-lambda 'join(" ", [tostring(local.has_jwt), tostring(length(var.secrets))])')" || exit
  [[ -z $smoke || -n ${SMOKE_TOKEN:-} || $wants_token != '"true '* ]] ||
    fail "$WRONG_USE" "API Gateway asks the chat for a token: set SMOKE_TOKEN, or say --no-smoke-test"
}

# Sets `before`, the version that is live; empty before the first release.
find_live_version() {
  before="$(aws_call live "$FUNCTION")" || fail "$NOT_READY" "Lambda could not be asked which version is live"
}

need_live_version() {
  find_live_version
  [[ -n $before ]] || fail "$WRONG_USE" "there is no version yet that could answer the other requests: deploy without --canary"
}

roll_back() {
  step "Rolling back"
  aws_call roll-back "$FUNCTION" ${DRY_RUN:+--dry-run} >&2 || fail "$NOT_READY" "nothing was rolled back"
  [[ -z $DRY_RUN ]] || say "This was a dry run: nothing was changed."
}

apply_function() {
  local arguments=("-var=image_uri=$image" "-var=architecture=$architecture")
  if [[ -n $canary ]]; then
    need_live_version
    arguments+=("-var=live_version=$before")
    [[ -z $smoke || -n $DRY_RUN ]] || try_new_version "${arguments[@]}"
    arguments+=("-var=canary_weight=0.$(printf '%02d' "$canary")")
  else
    find_live_version
  fi
  terraform_apply_on_tables app-lambda "${arguments[@]}"
}

# try_new_version VARIABLES...: makes the new version, which no request reaches yet, and chats with it by invoking it: by
# its URL most requests would reach the version before.
try_new_version() {
  local version table address
  terraform_apply app-lambda "$@"
  version="$(terraform_value app-lambda newest_version)" || exit
  [[ $version != "$before" ]] || return 0
  aws_call wait-ready "$FUNCTION" "$version" "$READY_SECONDS" ||
    fail "$NOT_READY" "version $version did not get ready; no request reaches it"
  address="$(terraform_value app-lambda url)" || exit
  table="$(terraform_value app-lambda api_keys_table)" || exit
  step "Chatting with version $version alone"
  smoke_test "$address" "$table" --invoke "$FUNCTION:$version" ||
    fail "$NO_ANSWER" "version $version does not answer as it should; no request reaches it"
}

# The new version takes requests, and it is noted which one answered before.
finish_release() {
  # Noted first, so that a rollback finds it however the waiting ends.
  aws_call released "$FUNCTION" "$before" || fail "$NOT_READY" "the version before could not be noted: --rollback would not find it"
  step "Waiting until the function is ready"
  aws_call wait-ready "$FUNCTION" live "$READY_SECONDS" || fail "$NOT_READY" "the function is not ready; --rollback takes it back"
  [[ $image != *"/$REPOSITORY@"* ]] || aws_call mark-deployed "$REPOSITORY" "${image##*@}" ||
    say "warning: the image was not marked as deployed; the registry expires it like any other"
}

check_answers() {
  local auth table newest arguments=()
  auth="$(terraform_value app-lambda url_auth)" || exit
  table="$(terraform_value app-lambda api_keys_table)" || exit
  newest="$(terraform_value app-lambda newest_version)" || exit
  [[ $auth != AWS_IAM ]] || arguments=(--sign lambda)
  step "Chatting with $url"
  smoke_test "$url" "$table" "${arguments[@]}" && return
  [[ -n $before ]] || fail "$NO_ANSWER" "the function does not answer as it should, and there is no version before it"
  [[ $before != "$newest" ]] ||
    fail "$NO_ANSWER" "the function does not answer as it should; nothing new was released, and nothing was taken back"
  aws_call roll-back "$FUNCTION" >&2 || fail "$NO_ANSWER" "the function does not answer as it should, and was not rolled back"
  fail "$NO_ANSWER" "the new version does not answer as it should; the one before answers again"
}

check_arguments
make_scratch
check_tools
if [[ -n $rollback ]]; then
  roll_back
  exit 0
fi
step "Checking the settings of the function"
check_deployment
if [[ -z $image ]]; then
  step "Preparing the image"
  platform=linux/arm64
  [[ $architecture == arm64 ]] || platform=linux/amd64
  prepare_image lambda "$platform"
fi
if [[ -n $with_data ]]; then
  step "Applying the tables"
  terraform_apply data
fi
step "Applying the function"
apply_function
if [[ -n $DRY_RUN ]]; then
  say "This was a dry run: nothing was changed."
  exit 0
fi
finish_release
if [[ -z $url ]]; then
  url="$(terraform_value app-lambda url)" || exit
fi
if [[ -n $smoke ]]; then
  check_answers
fi
printf '%s\n' "$url"
