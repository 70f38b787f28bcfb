# What the function may do: its tables, models and secrets (module app-policy), its own log group, and nothing else
# unless a variable asks for it.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name                 = var.role_name
  description          = "The function chatbot-api"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

module "app_policy" {
  source = "../modules/app-policy"

  conversations_table = var.conversations_table
  usage_table         = var.usage_table
  api_keys_table      = var.api_keys_table
  model_ids           = concat([var.default_model_id], var.model_ids, var.fallback_model_ids)
  bedrock_regions     = local.bedrock_regions
  secret_arns         = [for reference in values(var.secrets) : split("#", reference)[0]]
  secret_kms_key_arns = var.secret_kms_key_arns
}

resource "aws_iam_role_policy" "application" {
  name   = "application"
  role   = aws_iam_role.function.id
  policy = module.app_policy.json
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "OwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:log-stream:*"]
  }
}

resource "aws_iam_role_policy" "logs" {
  name   = "logs"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.logs.json
}

data "aws_iam_policy_document" "tracing" {
  # X-Ray has no resource to name for these.
  statement {
    sid       = "Traces"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "tracing" {
  count = var.tracing ? 1 : 0

  name   = "tracing"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.tracing.json
}

data "aws_iam_policy_document" "network" {
  # Lambda asks for these with every resource, when it makes the function's network interfaces.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  statement {
    sid = "NetworkInterfaces"
    actions = [
      "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }

  # They are for the service; the function's own code has no use for them.
  statement {
    sid    = "NotFromTheFunction"
    effect = "Deny"
    actions = [
      "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = ["arn:${data.aws_partition.current.partition}:lambda:${var.region}:${data.aws_caller_identity.current.account_id}:function:${local.name}"]
    }
  }
}

resource "aws_iam_role_policy" "network" {
  count = var.vpc == null ? 0 : 1

  name   = "network"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.network.json
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
