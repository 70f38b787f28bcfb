# The function's own HTTPS address. It has no limit of 30 seconds as API Gateway has. BUFFERED: apig-wsgi hands an answer
# over whole, so there is nothing to stream.

locals {
  has_url        = var.entry == "function-url"
  has_public_url = local.has_url && var.url_auth == "NONE"

  # Nobody is asked for anything before the function runs.
  is_public  = local.has_public_url || (local.has_api && !local.has_jwt)
  lets_in    = lower(lookup(var.settings, "ALLOW_ANONYMOUS", "off"))
  is_on      = ["on", "true", "1", "yes", "y", "ok"] # as the application reads a boolean
  is_charity = local.is_public && contains(local.is_on, local.lets_in)
}

resource "aws_lambda_function_url" "live" {
  count = local.has_url ? 1 : 0

  function_name      = aws_lambda_function.this.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = var.url_auth
  invoke_mode        = "BUFFERED"
}

# The provider lets everybody call a URL that it makes with NONE, but not one that it changes to NONE.
resource "aws_lambda_permission" "public_url" {
  count = local.has_public_url ? 1 : 0

  statement_id           = "PublicURL"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.this.function_name
  qualifier              = aws_lambda_alias.live.name
  principal              = "*"
  function_url_auth_type = "NONE"
}

# Since 2025 AWS asks for lambda:InvokeFunction as well, and that must hold for calls by the URL alone: without the
# condition any AWS account could invoke the function. aws_lambda_permission cannot say the condition in this provider,
# CloudFormation can. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
resource "aws_cloudformation_stack" "public_url" {
  count = local.has_public_url ? 1 : 0

  name = "${local.name}-public-url"
  template_body = jsonencode({
    Description = "Everybody may invoke chatbot-api by its function URL, and in no other way"
    Resources = {
      InvokeByURL = {
        Type = "AWS::Lambda::Permission"
        Properties = {
          Action                = "lambda:InvokeFunction"
          FunctionName          = aws_lambda_alias.live.arn
          InvokedViaFunctionUrl = true
          Principal             = "*"
        }
      }
    }
  })

  depends_on = [aws_lambda_function_url.live]
}

check "public_entry" {
  assert {
    condition     = !local.is_public
    error_message = "${local.has_url ? "url_auth is NONE" : "jwt is null"}: the whole internet reaches the function, and requests that the application refuses are billed too. Set reserved_concurrency to bound them, or ${local.has_url ? "put CloudFront with WAF in front and take AWS_IAM" : "name an issuer of tokens in jwt"}."
  }
}

check "public_models" {
  assert {
    condition     = !local.is_charity
    error_message = "ALLOW_ANONYMOUS is on behind a public address: everybody on the internet chats at your cost."
  }
}
