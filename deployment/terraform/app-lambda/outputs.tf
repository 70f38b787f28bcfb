output "url" {
  description = "Where the API answers, without a slash at the end."
  value       = trimsuffix(local.has_url ? aws_lambda_function_url.live[0].function_url : aws_apigatewayv2_api.this[0].api_endpoint, "/")
}

output "url_auth" {
  description = "AWS_IAM where callers must sign their requests, else NONE."
  value       = local.has_url ? var.url_auth : "NONE"
}

output "function_name" {
  description = "The function."
  value       = aws_lambda_function.this.function_name
}

output "newest_version" {
  description = "The version that this apply published, or the newest before."
  value       = aws_lambda_function.this.version
}

output "live_version" {
  description = "The version that the alias live stands for."
  value       = aws_lambda_alias.live.function_version
}

output "alias_arn" {
  description = "What may be invoked: the alias live."
  value       = aws_lambda_alias.live.arn
}

output "role_arn" {
  description = "The function's role."
  value       = aws_iam_role.function.arn
}

output "security_group_id" {
  description = "The function's security group, for the rules of what it reaches; null outside a VPC."
  value       = one(aws_security_group.function[*].id)
}

output "wants_token" {
  description = "Whether API Gateway asks for a token of the issuer, so that API keys are not enough."
  value       = local.has_jwt
}

output "api_keys_table" {
  description = "The table of API keys that the function reads."
  value       = var.api_keys_table
}
