locals {
  name = "chatbot-api"

  # Seconds after which somebody ends a request: Lambda, or API Gateway, whose integrations have 30 at most. The answer
  # and the commit of a turn need their part of it.
  request_seconds = var.entry == "api-gateway" ? min(var.timeout_seconds, 30) : var.timeout_seconds
  margin_seconds  = 5
  chat_deadline   = coalesce(var.chat_deadline_seconds, min(60, local.request_seconds - local.margin_seconds))

  # A function URL's own name is known only when the function is there already. The ending lets nobody else in: AWS
  # brings a request here by that very name.
  aws_host = var.entry == "api-gateway" ? replace(aws_apigatewayv2_api.this[0].api_endpoint, "https://", "") : ".lambda-url.${var.region}.on.aws"

  # What the variables above decide. The AWS region is Lambda's own to set.
  fixed_settings = merge(
    {
      DJANGO_ALLOWED_HOSTS    = join(",", concat([local.aws_host], var.allowed_hosts))
      CONVERSATIONS_TABLE     = var.conversations_table
      USAGE_TABLE             = var.usage_table
      API_KEYS_TABLE          = var.api_keys_table
      BEDROCK_MODEL_ID        = var.default_model_id
      BEDROCK_MODELS          = join(",", var.model_ids)
      BEDROCK_FALLBACK_MODELS = join(",", var.fallback_model_ids)
      BEDROCK_REGIONS         = join(",", local.bedrock_regions)
      CHAT_DEADLINE_SECONDS   = tostring(local.chat_deadline)
      SECRETS_VERSION         = substr(sha256(jsonencode(local.secret_values)), 0, 16)
    },
    local.has_jwt ? { OIDC_ISSUER = var.jwt.issuer, OIDC_AUDIENCE = join(",", var.jwt.audience) } : {},
  )
  bedrock_regions = length(var.bedrock_regions) > 0 ? var.bedrock_regions : [var.region]

  # .env.example lists every setting, which a test of the project sees to.
  known_settings = toset(flatten(regexall("(?m)^#?([A-Z][A-Z0-9_]*)=", file("${path.module}/../../../.env.example"))))
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
}

resource "aws_lambda_function" "this" {
  function_name                  = local.name
  description                    = "Chatbot API"
  role                           = aws_iam_role.function.arn
  package_type                   = "Image"
  image_uri                      = var.image_uri
  architectures                  = [var.architecture]
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  publish                        = true

  environment {
    variables = merge(var.settings, local.fixed_settings, var.secrets)
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = [aws_security_group.function[0].id]
    }
  }

  lifecycle {
    precondition {
      condition     = local.chat_deadline <= local.request_seconds - local.margin_seconds
      error_message = "chat_deadline_seconds must be at most ${local.request_seconds - local.margin_seconds}: a request ends after ${local.request_seconds} seconds, and its answer needs ${local.margin_seconds} of them."
    }
    precondition {
      condition     = length(setsubtract(keys(var.settings), local.known_settings)) == 0
      error_message = "Not in .env.example: ${join(", ", setsubtract(keys(var.settings), local.known_settings))}."
    }
    precondition {
      condition     = length(setintersection(keys(var.settings), keys(local.fixed_settings))) == 0
      error_message = "Set by variables of their own: ${join(", ", setintersection(keys(var.settings), keys(local.fixed_settings)))}."
    }
  }

  # Without its rights a first process would not start.
  depends_on = [aws_iam_role_policy.application, aws_iam_role_policy.logs, aws_iam_role_policy.network, aws_iam_role_policy.tracing]
}
