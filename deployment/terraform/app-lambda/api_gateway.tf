# An HTTP API in front of the function, for tokens that are checked before the function runs, throttling and an access
# log. It ends every request after 30 seconds, so turns have a shorter deadline (function.tf).

locals {
  has_api = var.entry == "api-gateway"
  has_jwt = local.has_api && var.jwt != null

  # What the application shows to everybody; and browsers send no token with the OPTIONS that comes before a request.
  open_routes = local.has_jwt ? toset([
    "GET /", "GET /health", "GET /health/ready", "GET /openapi.json", "GET /docs", "GET /redoc", "GET /static/{file+}",
    "OPTIONS /{path+}",
  ]) : toset([])
}

resource "aws_apigatewayv2_api" "this" {
  count = local.has_api ? 1 : 0

  name          = local.name
  description   = "Chatbot API"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "function" {
  count = local.has_api ? 1 : 0

  api_id                 = aws_apigatewayv2_api.this[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_alias.live.invoke_arn
  integration_method     = "POST"
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count = local.has_jwt ? 1 : 0

  api_id           = aws_apigatewayv2_api.this[0].id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.jwt.issuer
    audience = var.jwt.audience
  }
}

resource "aws_apigatewayv2_route" "default" {
  count = local.has_api ? 1 : 0

  api_id             = aws_apigatewayv2_api.this[0].id
  route_key          = "$default"
  target             = "integrations/${aws_apigatewayv2_integration.function[0].id}"
  authorization_type = local.has_jwt ? "JWT" : "NONE"
  authorizer_id      = local.has_jwt ? aws_apigatewayv2_authorizer.jwt[0].id : null
}

resource "aws_apigatewayv2_route" "open" {
  for_each = local.open_routes

  api_id             = aws_apigatewayv2_api.this[0].id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.function[0].id}"
  authorization_type = "NONE"
}

resource "aws_cloudwatch_log_group" "access" {
  count = local.has_api ? 1 : 0

  name              = "/aws/apigateway/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
}

resource "aws_apigatewayv2_stage" "default" {
  count = local.has_api ? 1 : 0

  api_id      = aws_apigatewayv2_api.this[0].id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
  }

  # No path: it holds the id of a session.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access[0].arn
    format = jsonencode({
      requestId        = "$context.requestId"
      requestTime      = "$context.requestTime"
      method           = "$context.httpMethod"
      route            = "$context.routeKey"
      status           = "$context.status"
      sourceIp         = "$context.identity.sourceIp"
      responseLatency  = "$context.responseLatency"
      integrationError = "$context.integrationErrorMessage"
      authorizerError  = "$context.authorizer.error"
    })
  }
}

resource "aws_lambda_permission" "api" {
  count = local.has_api ? 1 : 0

  statement_id  = "HTTPAPI"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this[0].execution_arn}/*"
}
