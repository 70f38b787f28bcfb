# Cognito: people who chat by a web client, programs with a client of their own, staff at the load balancer or by the
# application's own sign-in. Made in one region; the other regions' stacks leave it out and name its issuer.

locals {
  pools = var.user_pool ? { this = local.name } : {}
  # access/scopes.py has these words; a token says chatbot/chat.
  scopes = {
    "chat"           = "Send messages and have them answered"
    "history:read"   = "Read one's own sessions and their messages"
    "history:delete" = "Erase one's own sessions"
    "models"         = "List the models"
  }
  resource_server = "chatbot"
}

resource "aws_cognito_user_pool" "this" {
  for_each = local.pools

  name                     = each.value
  user_pool_tier           = var.threat_protection == "OFF" ? "ESSENTIALS" : "PLUS"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = var.mfa

  username_configuration {
    case_sensitive = false
  }

  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]

    content {
      enabled = true
    }
  }

  # Length is what counts: https://pages.nist.gov/800-63-4/sp800-63b.html#password
  password_policy {
    minimum_length                   = var.password_length
    require_lowercase                = false
    require_numbers                  = false
    require_symbols                  = false
    require_uppercase                = false
    password_history_size            = 5
    temporary_password_validity_days = 3
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.self_sign_up
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  user_pool_add_ons {
    advanced_security_mode = var.threat_protection
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  for_each = aws_cognito_user_pool.this

  domain       = coalesce(var.sign_in_domain, "${local.name}-${data.aws_caller_identity.current.account_id}")
  user_pool_id = each.value.id
}

resource "aws_cognito_resource_server" "this" {
  for_each = aws_cognito_user_pool.this

  identifier   = local.resource_server
  name         = "Chatbot"
  user_pool_id = each.value.id

  dynamic "scope" {
    for_each = local.scopes

    content {
      scope_name        = scope.key
      scope_description = scope.value
    }
  }
}

resource "aws_cognito_user_group" "staff" {
  for_each = var.user_pool ? var.staff_groups : {}

  name         = each.key
  description  = each.value
  user_pool_id = aws_cognito_user_pool.this["this"].id
}
