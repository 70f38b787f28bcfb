# One key for what is said: tables and their backups, here and, by its twin with the same material, in the second region.
# Without it nothing can be read, so it waits as long as AWS lets it before it is deleted.

resource "aws_kms_key" "data" {
  description             = "Tables and backups of chatbot-api, ${var.environment}"
  multi_region            = true
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "data" {
  name          = "alias/chatbot-api-data-${var.environment}"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_kms_replica_key" "recovery" {
  count    = local.recovery_region == null ? 0 : 1
  provider = aws.recovery

  description             = "Tables and backups of chatbot-api, ${var.environment}: recovery"
  primary_key_arn         = aws_kms_key.data.arn
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "recovery" {
  count    = local.recovery_region == null ? 0 : 1
  provider = aws.recovery

  name          = "alias/chatbot-api-data-${var.environment}"
  target_key_id = aws_kms_replica_key.recovery[0].key_id
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

# Who may use the key is said by policies of IAM, as AWS's own default key policy has it: DynamoDB and AWS Backup use it
# with the rights of whoever calls them. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "IdentityPolicies"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}
