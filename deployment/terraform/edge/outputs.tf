output "web_acl_arn" {
  description = "The web ACL, for alb.ingress.kubernetes.io/wafv2-acl-arn."
  value       = aws_wafv2_web_acl.this.arn
}

locals {
  # Who signs in callers: without a client nobody does, and no token is taken.
  audience = join(",", concat([for client in aws_cognito_user_pool_client.web : client.id], [for client in aws_cognito_user_pool_client.machine : client.id]))
  settings = merge([
    for pool in aws_cognito_user_pool.this : {
      OIDC_ISSUER   = local.audience == "" ? "" : "https://${pool.endpoint}"
      OIDC_AUDIENCE = local.audience
      # Scopes of a token are in its claim scope, with the resource server's name before them.
      OIDC_GROUPS_CLAIM    = "scope"
      OIDC_GROUP_SCOPES    = join(",", [for scope in keys(local.scopes) : "${local.resource_server}/${scope}=${scope}"])
      STAFF_OIDC_ISSUER    = "https://${pool.endpoint}"
      STAFF_OIDC_CLIENT_ID = join("", [for client in aws_cognito_user_pool_client.staff : client.id])
    }
  ]...)
}

# Keys are the application's settings.
output "settings" {
  description = "What the application is told about the user pool; empty without one."
  value       = local.settings
}

# The names are those of platform.yaml in deployment/kubernetes/overlays. Without a client of staff those of sign-in are
# missing: the overlay names another issuer, or has no component sign-in.
output "platform" {
  description = "What the Kubernetes manifests take from this stack."
  value = merge(
    { web-acl-arn = aws_wafv2_web_acl.this.arn },
    { for host in slice(var.host_names, 0, min(1, length(var.host_names))) : "host" => host },
    { for validation in aws_acm_certificate_validation.this : "certificate-arn" => validation.certificate_arn },
    { for key, client in aws_cognito_user_pool_client.staff : "cognito" => jsonencode({
      userPoolARN      = aws_cognito_user_pool.this[key].arn
      userPoolClientID = client.id
      userPoolDomain   = aws_cognito_user_pool_domain.this[key].domain
    }) },
    merge([for secret in aws_secretsmanager_secret.staff : {
      oidc-issuer                     = local.settings["OIDC_ISSUER"]
      oidc-audience                   = local.settings["OIDC_AUDIENCE"]
      oidc-group-scopes               = local.settings["OIDC_GROUP_SCOPES"]
      staff-oidc-issuer               = local.settings["STAFF_OIDC_ISSUER"]
      staff-oidc-client-id            = local.settings["STAFF_OIDC_CLIENT_ID"]
      secret-staff-oidc-client-secret = secret.name
    }]...),
  )
}
