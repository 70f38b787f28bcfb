#!/usr/bin/env bash
# Deploys the application to EKS as the Deployment chatbot-api, and sees that it answers.
# shellcheck source=deployment/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

usage() {
  cat <<'TEXT'
usage: deployment/deploy_eks.sh [options]

Builds the image, pushes it to ECR, applies Terraform (registry, app-eks), installs the cluster's controllers, migrates the
staff database, rolls the new pods out, waits for them and holds a real chat with them. Standard output is the URL. May be
run again at any time: what is there already is kept.

  --environment NAME    which environment (production). Its values are read from deployment/terraform/STACK/NAME.tfvars,
                        those of one region from NAME-REGION.tfvars, its manifests from
                        deployment/kubernetes/overlays/NAME-REGION
  --with-data           apply the stack data, the tables, as well
  --with-edge           apply the stack edge, firewall, sign-in and names, as well
  --architecture NAME   x86_64, arm64 or both (x86_64), as the nodes are. Another one than this machine's needs its emulator
                        (qemu-user-static)
  --tag NAME            tag of the image (the commit, and a checksum of what is not committed)
  --image URI           deploy this image, which is in ECR already, by its digest: nothing is built
  --no-controllers      leave the cluster's controllers as they are (no helm is needed then)
  --url URL             chat with the API there, instead of the overlay's host
  --no-smoke-test       hold no chat
  --rollback            let the pods of the release before answer again, without Terraform; nothing else is done, and a
                        second time nothing at all. The staff database stays as it is: migrations are written so that the
                        release before works with it
  --dry-run             build, push and change nothing: show the commands, Terraform's plans and how manifests differ; before
                        there are tables, without the plan of the cluster
  --help                show this

Environment:
  AWS_REGION            region to deploy to; credentials come the SDK's usual ways (profile, role, AWS_ACCESS_KEY_ID)
  TF_STATE_BUCKET       S3 bucket of Terraform's state
  TF_VAR_name           values of Terraform's variables that no file sets
  SMOKE_API_KEY         API key to chat with; without it one is made, and revoked afterwards
  SMOKE_TOKEN           token of your OIDC issuer to chat with instead
  BASE_IMAGE            what the image stands on, by its digest
  AWS_ENDPOINT_URL      other services than AWS's own

When pods do not get ready, or the chat fails, the release before answers again and the script ends with 6 or 7.

Exit codes: 0 done, 2 wrong arguments or settings, 3 a tool or credentials are missing, 4 the image was not built or pushed,
5 Terraform failed, 6 the pods did not get ready, 7 they do not answer as they should.
TEXT
}

readonly APPLICATION=chatbot-api NAMESPACE=chatbot REPOSITORY=chatbot-api
# Charts by version: what they install is reviewed before it is raised.
readonly LOAD_BALANCER_CONTROLLER_CHART=1.14.0 EXTERNAL_SECRETS_CHART=2.0.0
readonly SECRETS_SECONDS=120 SECRETS_PAUSE_SECONDS=2 MIGRATION_SECONDS=660 MIGRATION_PAUSE_SECONDS=3
readonly ROLLOUT_SECONDS=900 REFUSED_SECONDS=30
# Where the Deployment notes the release before, or that it was rolled back to.
readonly NOTE=chatbot-api/release-before ROLLED_BACK="rolled back from "
# A release in one line: its revision, its image by digest, and its settings, whose ConfigMap has their checksum in its name.
readonly RELEASE='{.metadata.annotations.deployment\.kubernetes\.io/revision} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].envFrom[0].configMapRef.name}'
ENVIRONMENT=production architecture=x86_64 with_data="" with_edge="" tag="" image="" url="" controllers=yes
smoke=yes rollback=""

while [[ $# -gt 0 ]]; do
  case $1 in
    --environment) value "$@" && ENVIRONMENT=$2 && shift ;;
    --with-data) with_data=yes ;;
    --with-edge) with_edge=yes ;;
    --architecture) value "$@" && architecture=$2 && shift ;;
    --tag) value "$@" && tag=$2 && shift ;;
    --image) value "$@" && image=$2 && shift ;;
    --no-controllers) controllers="" ;;
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
  case $architecture in
    x86_64) platform=linux/amd64 ;;
    arm64) platform=linux/arm64 ;;
    both) platform=linux/amd64,linux/arm64 ;;
    *) fail "$WRONG_USE" "--architecture takes x86_64, arm64 or both" ;;
  esac
  check_image_arguments "$tag" "$image"
  check_url "$url"
  [[ -z $rollback || -z $with_data$with_edge$tag$image ]] || fail "$WRONG_USE" "--rollback goes with no option of a deployment"
}

check_tools() {
  step "Checking tools and credentials"
  find_python
  need kubectl "install it from https://kubernetes.io/docs/tasks/tools/"
  if [[ -z $rollback ]]; then
    need_release_tools "$image" "$architecture"
    [[ -z $controllers ]] || need helm "install it from https://helm.sh/docs/intro/install/, or say --no-controllers"
  fi
  find_account
  overlay="overlays/$ENVIRONMENT-$REGION"
  [[ -n $rollback || -f $ROOT/deployment/kubernetes/$overlay/kustomization.yaml ]] ||
    fail "$WRONG_USE" "there is no deployment/kubernetes/$overlay: make it a copy of another environment's"
  say "Account $ACCOUNT, region $REGION, environment $ENVIRONMENT"
}

# What would end the deployment later, seen before anything is built.
check_deployment() {
  kubectl kustomize "$ROOT/deployment/kubernetes/$overlay" >/dev/null ||
    fail "$WRONG_USE" "$overlay is not what kustomize can read"
  [[ -z $with_edge ]] || terraform_check edge var.environment >/dev/null
  terraform_check app-eks var.environment >/dev/null
}

# --- The cluster ------------------------------------------------------------------------------------------------------

# Points kubectl and helm at the cluster, for this script alone: the user's own configuration is neither read nor changed.
enter_cluster() {
  cluster="chatbot-$ENVIRONMENT"
  export KUBECONFIG="$SCRATCH/kubeconfig"
  "$PYTHON" "$ROOT/deployment/scripts/cluster_access.py" kubeconfig "$cluster" >"$KUBECONFIG" || return
}

# The same, and ends the script where the cluster is not there or not to be reached.
need_cluster() {
  enter_cluster || fail "$NOT_READY" "there is no cluster chatbot-$ENVIRONMENT (see the line above)"
  kubectl get --raw /readyz --request-timeout=30s >/dev/null ||
    fail "$NOT_READY" "the cluster does not answer: it can be reached from within its VPC, and from public_endpoint_cidrs of app-eks"
}

in_namespace() { kubectl --namespace "$NAMESPACE" "$@"; }

manifests() { (cd "$ROOT" && "$PYTHON" -m deployment.scripts.manifests "$@"); }

# Sets `live`, the release that answers now, `replicas`, its pods, and `earlier`, its note of the release before; nothing
# before the first release.
look_around() {
  local found
  found="$(in_namespace get deployment "$APPLICATION" --ignore-not-found \
    --output "jsonpath=$RELEASE{\"\\n\"}{.spec.replicas}{\"\\n\"}{.metadata.annotations.$NOTE}")" ||
    fail "$NOT_READY" "the cluster could not be asked which release answers now"
  { read -r live; read -r replicas; read -r earlier; } <<<"$found" || true
}

# write_note TEXT: where a rollback goes; without a text there is no note any more.
write_note() {
  local text="$NOTE-"
  [[ -z $1 ]] || text="$NOTE=$1"
  run in_namespace annotate --overwrite "deployment/$APPLICATION" "$text" >&2
}

# kept_as RELEASE: the revision in which the cluster keeps it, nothing where it does not. A release that answered again
# since has got another number.
kept_as() {
  local kept
  kept="$(in_namespace get replicasets --selector "app.kubernetes.io/name=$APPLICATION,app.kubernetes.io/component=api" \
    --output "jsonpath={range .items[*]}$RELEASE{\"\\n\"}{end}")" || return
  if grep --fixed-strings --line-regexp --quiet -- "$1" <<<"$kept"; then
    printf '%s' "${1%% *}"
  else
    { grep --fixed-strings -- " ${1#* }" <<<"$kept" || true; } | sort --numeric-sort --reverse | head -n 1 | cut -d ' ' -f 1
  fi
}

# undo REVISION NOTE: the pods of that release, and jobs by schedule with the same image.
undo() {
  local running
  run in_namespace rollout undo "deployment/$APPLICATION" "--to-revision=$1" >&2 || return
  # At once, because the release comes back with the note that it had.
  write_note "$2" || return
  run in_namespace rollout status "deployment/$APPLICATION" --timeout="${ROLLOUT_SECONDS}s" >&2 || return
  running="$(in_namespace get deployment "$APPLICATION" --output 'jsonpath={.spec.template.spec.containers[0].image}')" || return
  run in_namespace set image cronjob/chatbot-api-usage-days "*=$running" >&2
}

roll_back() {
  local revision
  step "Rolling back"
  need_cluster
  look_around
  [[ -n $live ]] || fail "$NOT_READY" "$APPLICATION was never released here: there is nothing to roll back"
  [[ $earlier != "$ROLLED_BACK"* ]] ||
    fail "$NOT_READY" "rolled back already, from revision ${earlier#"$ROLLED_BACK"}: nothing was changed"
  [[ -n $earlier ]] || fail "$NOT_READY" "revision ${live%% *} notes no release before it: there is none to roll back to"
  revision="$(kept_as "$earlier")" || fail "$NOT_READY" "the cluster could not be asked which releases it keeps"
  [[ -n $revision ]] ||
    fail "$NOT_READY" "the release before is not kept any more: deploy its image with --image $(cut -d ' ' -f 2 <<<"$earlier")"
  [[ $revision != "${live%% *}" ]] || fail "$NOT_READY" "the release before answers already: nothing was changed"
  undo "$revision" "$ROLLED_BACK$live" ||
    fail "$NOT_READY" "the release before does not answer; kubectl --namespace $NAMESPACE get pods shows why"
}

# --- The manifests ----------------------------------------------------------------------------------------------------

# Values of Terraform's output `platform`, as JSON; none where the stack was never applied.
platform_of() {
  local values
  values="$(terraform_value "$1" platform)" || exit
  [[ -n $values ]] || values='{}'
  printf '%s' "$values"
}

# Writes what goes to the cluster into $SCRATCH/all.yaml, from a copy of the manifests.
render() {
  local copy="$SCRATCH/deployment/kubernetes" cluster_values edge_values
  mkdir "$SCRATCH/deployment"
  # Components take rules and dashboard from the folder beside theirs.
  cp -R "$ROOT/deployment/kubernetes" "$ROOT/deployment/monitoring" "$SCRATCH/deployment"
  cluster_values="$(platform_of app-eks)" || exit
  terraform_init edge
  edge_values="$(platform_of edge)" || exit
  manifests platform "$copy/$overlay" "$cluster_values" "$edge_values" || fail "$WRONG_USE" "the overlay takes no values"
  manifests image "$copy/$overlay" "$image" || fail "$WRONG_USE" "the overlay takes no image"
  kubectl kustomize "$copy/$overlay" >"$SCRATCH/all.yaml" || fail "$WRONG_USE" "$overlay is not what kustomize can read"
  if [[ -n $DRY_RUN && $cluster_values == '{}' ]]; then
    say "The manifests were rendered with the overlay's own values: Terraform's are known when its stacks were applied."
    return
  fi
  manifests check "$SCRATCH/all.yaml" "$image" "$ACCOUNT" ||
    fail "$WRONG_USE" "deployment/kubernetes/$overlay is not ready to be deployed"
}

# Which objects a deployment would change.
show_differences() {
  if ! enter_cluster 2>/dev/null; then
    say "There is no cluster chatbot-$ENVIRONMENT yet, so there is nothing to compare the manifests with."
    return
  fi
  kubectl diff --server-side --force-conflicts --field-manager=deploy-eks --filename "$SCRATCH/all.yaml" >&2 || [[ $? -eq 1 ]] ||
    say "The cluster could not compare the manifests; before the first deployment it lacks the controllers' kinds."
}

# --- The release ------------------------------------------------------------------------------------------------------

install_controllers() {
  local role vpc
  role="$(terraform_value app-eks load_balancer_controller_role_arn)" || exit
  vpc="$(terraform_value app-eks vpc_id)" || exit
  # Region and VPC are said, because pods cannot ask a node's metadata for them.
  helm upgrade --install aws-load-balancer-controller aws-load-balancer-controller --namespace kube-system \
    --repo https://aws.github.io/eks-charts --version "$LOAD_BALANCER_CONTROLLER_CHART" --wait --timeout 10m \
    --set "clusterName=$cluster,region=$REGION,vpcId=$vpc" \
    --set "serviceAccount.name=aws-load-balancer-controller" \
    --set-string "serviceAccount.annotations.eks\.amazonaws\.com/role-arn=$role" >&2 ||
    fail "$NOT_READY" "the load balancer controller was not installed"
  role="$(terraform_value app-eks external_secrets_role_arn)" || exit
  helm upgrade --install external-secrets external-secrets --namespace external-secrets --create-namespace \
    --repo https://charts.external-secrets.io --version "$EXTERNAL_SECRETS_CHART" --wait --timeout 10m \
    --set "serviceAccount.name=external-secrets" \
    --set-string "serviceAccount.annotations.eks\.amazonaws\.com/role-arn=$role" >&2 ||
    fail "$NOT_READY" "External Secrets was not installed"
}

# apply PART ARGUMENTS...: this part of the manifests.
apply() {
  manifests "$1" "$SCRATCH/all.yaml" "${@:2}" >"$SCRATCH/$1.yaml" || return
  kubectl apply --server-side --force-conflicts --field-manager=deploy-eks --filename "$SCRATCH/$1.yaml" >&2
}

# What the migration needs around it, and the secrets as they are now. To wait for their condition Ready would not be enough:
# until External Secrets has tried again it tells of the time before.
apply_with_secrets() {
  local secrets secret end
  local -A before
  mapfile -t secrets < <(manifests secrets "$SCRATCH/all.yaml")
  for secret in "${secrets[@]}"; do
    before[$secret]="$(fetched "$secret")" || fail "$NOT_READY" "the cluster could not be asked for $secret"
  done
  apply before || fail "$NOT_READY" "the cluster refused the settings; the pods are the ones before"
  [[ ${#secrets[@]} -gt 0 ]] || return 0
  # They are fetched even where nothing but their values has changed.
  in_namespace annotate --overwrite "${secrets[@]}" "force-sync=$(date +%s)" >&2 ||
    fail "$NOT_READY" "the cluster refused to have the secrets fetched; the pods are the ones before"
  end=$((SECONDS + SECRETS_SECONDS))
  for secret in "${secrets[@]}"; do
    wait_fetched "$secret" "${before[$secret]% *}" "$end" || fail "$NOT_READY" "$secret was not fetched in $SECRETS_SECONDS seconds; \
the pods are the ones before. kubectl --namespace $NAMESPACE describe $secret says why"
  done
}

# fetched SECRET: of which state of this object External Secrets fetched the secret last, and whether its last try went
# well. A state has another name after every change of spec, labels or annotations; a try that fails leaves it as it was.
# https://external-secrets.io/latest/api/spec/#external-secrets.io/v1.ExternalSecretStatus
fetched() {
  in_namespace get "$1" --ignore-not-found --request-timeout=30s \
    --output 'jsonpath={.status.syncedResourceVersion} {.status.conditions[?(@.type=="Ready")].status}'
}

# wait_fetched SECRET STATE END: fails where External Secrets does not fetch it in a later state than this one until the
# script has run for END seconds. It is asked for once in any case.
wait_fetched() {
  local state
  while true; do
    # The cluster may not answer for a moment.
    state="$(fetched "$1")" || state=""
    [[ $state != *" True" || ${state% *} == "$2" ]] || return 0
    ((SECONDS < $3)) || return 1
    sleep "$SECRETS_PAUSE_SECONDS"
  done
}

# Before any new pod: a failed migration leaves the release before as it was.
migrate() {
  apply_with_secrets
  in_namespace delete job "$APPLICATION-migrate" --ignore-not-found --wait >&2
  apply migration || fail "$NOT_READY" "the cluster refused the migration; the pods are the ones before"
  case $(migration_end) in
    Complete) ;;
    Failed) show_migration && fail "$NOT_READY" "the migration failed; the pods are the ones before" ;;
    *) show_migration && fail "$NOT_READY" "the migration did not end in $MIGRATION_SECONDS seconds; the pods are the ones before" ;;
  esac
}

# How the migration ended, Complete or Failed; nothing where it did not in its time.
migration_end() {
  local state end=$((SECONDS + MIGRATION_SECONDS))
  while ((SECONDS < end)); do
    # The cluster may not answer for a moment.
    state="$(in_namespace get job "$APPLICATION-migrate" --request-timeout=30s \
      --output 'jsonpath={.status.conditions[?(@.status=="True")].type}')" || true
    case " $state " in
      *" Complete "*) echo Complete && return ;;
      *" Failed "* | *" FailureTarget "*) echo Failed && return ;;
    esac
    sleep "$MIGRATION_PAUSE_SECONDS"
  done
}

# The last lines that the migration's last pod wrote.
show_migration() {
  local pod
  pod="$(in_namespace get pods --selector "batch.kubernetes.io/job-name=$APPLICATION-migrate" \
    --sort-by=.metadata.creationTimestamp --output name | tail -n 1)" || true
  [[ -z $pod ]] || in_namespace logs "$pod" --all-containers --ignore-errors --tail=50 >&2 || true
}

# With as many pods as the autoscaler has chosen, so that a rollout takes none away.
roll_out() {
  # Noted first, so that a rollback finds it however this ends.
  [[ -z $live ]] || write_note "$live" || fail "$NOT_READY" "the release before could not be noted: --rollback would not find it"
  apply rest "$replicas" || end_refused
  if ! in_namespace rollout status "deployment/$APPLICATION" --timeout="${ROLLOUT_SECONDS}s" >&2; then
    in_namespace get pods >&2 || true
    compare_releases
    take_back "$NOT_READY" "the pods did not get ready"
  fi
  compare_releases
}

# Sets `released`, empty where the same release answers as before this script. The one before it is then still the one
# before, and is noted again.
compare_releases() {
  local now
  released=yes
  [[ -n $live ]] || return 0
  now="$(in_namespace get deployment "$APPLICATION" --output "jsonpath=$RELEASE")" || return 0
  [[ $now == "$live" ]] || return 0
  released=""
  write_note "$earlier" || say "warning: --rollback has forgotten the release before"
}

# A cluster that refuses one object may have taken the others, the Deployment among them.
end_refused() {
  # A release has its revision once the cluster has begun with it.
  in_namespace rollout status "deployment/$APPLICATION" --timeout="${REFUSED_SECONDS}s" >&2 || true
  compare_releases
  [[ -n $released ]] || fail "$NOT_READY" "the cluster refused the manifests; the pods are the ones before"
  fail "$NOT_READY" "the cluster refused the manifests, and may have begun with the new pods; run this again, or --rollback"
}

# take_back CODE SENTENCE: ends the script with the release answering that did before it.
take_back() {
  [[ -n $live ]] || fail "$1" "$2, and there is no release before"
  [[ -n $released ]] || fail "$1" "$2; nothing new was released, and nothing was taken back"
  undo "${live%% *}" "$earlier" || fail "$1" "$2, and the release before was not brought back"
  fail "$1" "$2; the release before answers again"
}

find_url() {
  local host balancer
  host="$(in_namespace get ingress "$APPLICATION" --output 'jsonpath={.spec.rules[0].host}')" ||
    fail "$NOT_READY" "there is no ingress $APPLICATION"
  url="https://$host"
  "$PYTHON" -c 'import socket, sys; socket.getaddrinfo(sys.argv[1], 443)' "$host" 2>/dev/null && return
  balancer="$(in_namespace get ingress "$APPLICATION" --output 'jsonpath={.status.loadBalancer.ingress[0].hostname}')"
  [[ -z $smoke ]] || fail "$NO_ANSWER" "deployed, but not tested: $host leads nowhere yet. Let it lead to ${balancer:-the load balancer} \
(variable primary of the stack edge), and run this again"
}

check_arguments
make_scratch
check_tools
if [[ -n $rollback ]]; then
  roll_back
  exit 0
fi
step "Checking manifests and settings"
check_deployment
if [[ -z $image ]]; then
  step "Preparing the image"
  prepare_image server "$platform"
fi
if [[ -n $with_data ]]; then
  step "Applying the tables"
  terraform_apply data
fi
if [[ -n $with_edge ]]; then
  step "Applying firewall, sign-in and names"
  terraform_apply edge
fi
step "Applying the cluster"
terraform_apply_on_tables app-eks
step "Rendering the manifests of $overlay"
render
if [[ -n $DRY_RUN ]]; then
  show_differences
  say "This was a dry run: nothing was changed."
  exit 0
fi
need_cluster
if [[ -n $controllers ]]; then
  step "Installing the cluster's controllers"
  install_controllers
fi
look_around
step "Migrating the staff database"
migrate
step "Rolling out"
roll_out
[[ $image != *"/$REPOSITORY@"* ]] || aws_call mark-deployed "$REPOSITORY" "${image##*@}" ||
  say "warning: the image was not marked as deployed; the registry expires it like any other"
[[ -n $url ]] || find_url
if [[ -n $smoke ]]; then
  table="$(terraform_value app-eks api_keys_table)" || exit
  step "Chatting with $url"
  smoke_test "$url" "$table" || take_back "$NO_ANSWER" "the pods do not answer as they should"
fi
printf '%s\n' "$url"
