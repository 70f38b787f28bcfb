# A process reads its secrets once, when it starts, and a version of the function keeps its processes. So the function
# names in SECRETS_VERSION which values its secrets have: new ones make a new version at the next apply. Terraform reads
# the ids of values alone, never a value.

locals {
  secret_arns = toset([for reference in values(var.secrets) : split("#", reference)[0]])

  # The provider asks Secrets Manager in its own region alone. The values of other regions' secrets are told apart by
  # other_secrets_version, a number that is raised by hand.
  asked_secret_arns = toset([for arn in local.secret_arns : arn if split(":", arn)[3] == var.region])

  secret_values = merge(
    { for arn in setsubtract(local.secret_arns, local.asked_secret_arns) : arn => tostring(var.other_secrets_version) },
    {
      for arn, secret in data.aws_secretsmanager_secret_versions.application :
      arn => one([for value in secret.versions : value.version_id if contains(value.version_stages, "AWSCURRENT")])
    },
  )
}

data "aws_secretsmanager_secret_versions" "application" {
  for_each = local.asked_secret_arns

  secret_id = each.value
}
