# GET /health now and then, as a function URL would send it, so that one process stays loaded. Where every caller must
# find one, provisioned_concurrency is the way.

resource "aws_cloudwatch_event_rule" "keep_warm" {
  count = var.keep_warm_schedule == null ? 0 : 1

  name                = "${local.name}-keep-warm"
  description         = "Calls GET /health so that a process stays loaded"
  schedule_expression = var.keep_warm_schedule
}

resource "aws_cloudwatch_event_target" "keep_warm" {
  count = var.keep_warm_schedule == null ? 0 : 1

  rule = aws_cloudwatch_event_rule.keep_warm[0].name
  arn  = aws_lambda_alias.live.arn

  input = jsonencode({
    version         = "2.0"
    routeKey        = "$default"
    rawPath         = "/health"
    rawQueryString  = ""
    headers         = { host = "localhost", "user-agent" = "keep-warm", "x-forwarded-proto" = "https" }
    isBase64Encoded = false
    requestContext = {
      domainName = "localhost"
      requestId  = "keep-warm"
      stage      = "$default"
      http       = { method = "GET", path = "/health", protocol = "HTTP/1.1", sourceIp = "127.0.0.1", userAgent = "keep-warm" }
    }
  })

  # A call that comes late is of no use any more.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 0
  }
}

resource "aws_lambda_permission" "keep_warm" {
  count = var.keep_warm_schedule == null ? 0 : 1

  statement_id  = "KeepWarm"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.keep_warm[0].arn
}
