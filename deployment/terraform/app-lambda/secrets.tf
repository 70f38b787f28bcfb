# A process reads its secrets once, when it starts, and a version of the function keeps its processes. So the function
# names in SECRETS_VERSION which values its secrets have: new ones make a new version at the next apply. Terraform reads
# the ids of values alone, never a value.

data "aws_secretsmanager_secret_versions" "application" {
  for_each = toset([for reference in values(var.secrets) : split("#", reference)[0]])

  secret_id = each.value
}

locals {
  secret_values = {
    for arn, secret in data.aws_secretsmanager_secret_versions.application :
    arn => one([for value in secret.versions : value.version_id if contains(value.version_stages, "AWSCURRENT")])
  }
}
