locals {
  own_scopes = [for scope in keys(local.scopes) : "${local.resource_server}/${scope}"]
}

# Runs in a browser, so it has no secret: the code flow, which Cognito holds to PKCE when the client sends a challenge.
resource "aws_cognito_user_pool_client" "web" {
  for_each = length(var.web_callback_urls) > 0 ? aws_cognito_user_pool.this : {}

  name                                 = "web"
  user_pool_id                         = each.value.id
  generate_secret                      = false
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = concat(["email", "openid", "profile"], local.own_scopes)
  callback_urls                        = var.web_callback_urls
  logout_urls                          = var.web_logout_urls
  supported_identity_providers         = ["COGNITO"]
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
  prevent_user_existence_errors        = "ENABLED"
  enable_token_revocation              = true
  access_token_validity                = 60
  id_token_validity                    = 60
  refresh_token_validity               = 30

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  depends_on = [aws_cognito_resource_server.this]
}

# Programs, one client each, with the scopes it needs and no user.
resource "aws_cognito_user_pool_client" "machine" {
  for_each = var.user_pool ? var.machine_clients : {}

  name                                 = each.key
  user_pool_id                         = aws_cognito_user_pool.this["this"].id
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = [for scope in each.value : "${local.resource_server}/${scope}"]
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation              = true
  access_token_validity                = 60

  token_validity_units {
    access_token = "minutes"
  }

  depends_on = [aws_cognito_resource_server.this]
}

# Staff at /admin/: the load balancer signs them in, or the application (STAFF_OIDC_CLIENT_ID).
resource "aws_cognito_user_pool_client" "staff" {
  for_each = length(var.host_names) > 0 ? aws_cognito_user_pool.this : {}

  name                                 = "staff"
  user_pool_id                         = each.value.id
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["email", "openid", "profile"]
  callback_urls = flatten([
    for host in var.host_names : ["https://${host}/admin/oidc/callback", "https://${host}/oauth2/idpresponse"]
  ])
  supported_identity_providers  = ["COGNITO"]
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true
  access_token_validity         = 60
  id_token_validity             = 60
  refresh_token_validity        = 12

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "hours"
  }
}

# STAFF_OIDC_CLIENT_SECRET. External Secrets puts it into the pods (deployment/kubernetes/components/sign-in); the state has
# it too, as it has everything that Cognito says of a client.
resource "aws_secretsmanager_secret" "staff" {
  for_each = aws_cognito_user_pool_client.staff

  name                    = "chatbot/${var.environment}/staff-oidc-client-secret"
  description             = "STAFF_OIDC_CLIENT_SECRET: the application's secret at the user pool"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "staff" {
  for_each = aws_cognito_user_pool_client.staff

  secret_id     = aws_secretsmanager_secret.staff[each.key].id
  secret_string = each.value.client_secret
}
