# What the application may do in AWS, the same in a Lambda function and in a pod: the tables by their ARNs with the
# actions that its code uses, the models that it may name, and its secrets.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_dynamodb_table" "conversations" {
  name = var.conversations_table
}

data "aws_dynamodb_table" "usage" {
  name = var.usage_table
}

data "aws_dynamodb_table" "api_keys" {
  name = var.api_keys_table
}

locals {
  tables = [data.aws_dynamodb_table.conversations, data.aws_dynamodb_table.usage, data.aws_dynamodb_table.api_keys]

  index_arns = flatten([
    for table in local.tables : [for index in table.global_secondary_index : "${table.arn}/index/${index.name}"]
  ])

  # Tables under AWS's own key name none.
  table_kms_key_arns = distinct(compact(flatten([
    for table in local.tables : [for encryption in table.server_side_encryption : encryption.kms_key_arn]
  ])))
}

data "aws_iam_policy_document" "tables_and_secrets" {
  statement {
    sid       = "Conversations"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    resources = [data.aws_dynamodb_table.conversations.arn]
  }

  # The ledger is never deleted.
  statement {
    sid       = "Usage"
    actions   = ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    resources = [data.aws_dynamodb_table.usage.arn]
  }

  # A key is revoked, never deleted.
  statement {
    sid       = "ApiKeys"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [data.aws_dynamodb_table.api_keys.arn]
  }

  dynamic "statement" {
    for_each = length(local.index_arns) > 0 ? [local.index_arns] : []

    content {
      sid       = "Indexes"
      actions   = ["dynamodb:Query"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.table_kms_key_arns) > 0 ? [local.table_kms_key_arns] : []

    content {
      sid       = "TableKeys"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["dynamodb.${data.aws_region.current.name}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.secret_arns) > 0 ? [var.secret_arns] : []

    content {
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.secret_kms_key_arns) > 0 ? [var.secret_kms_key_arns] : []

    content {
      sid       = "SecretKeys"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for region in toset([for arn in var.secret_arns : split(":", arn)[3]]) : "secretsmanager.${region}.amazonaws.com"]
      }
    }
  }
}

# One document for tables, models and secrets.
data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.tables_and_secrets.json, data.aws_iam_policy_document.models.json]
}
