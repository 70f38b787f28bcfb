output "web_acl_arn" {
  description = "The web ACL, for alb.ingress.kubernetes.io/wafv2-acl-arn."
  value       = aws_wafv2_web_acl.this.arn
}

# Keys are the application's settings.
output "settings" {
  description = "What the application is told about the user pool; empty without one."
  value = merge([
    for pool in aws_cognito_user_pool.this : {
      OIDC_ISSUER   = "https://${pool.endpoint}"
      OIDC_AUDIENCE = join(",", concat([for client in aws_cognito_user_pool_client.web : client.id], [for client in aws_cognito_user_pool_client.machine : client.id]))
      # Scopes of a token are in its claim scope, with the resource server's name before them.
      OIDC_GROUPS_CLAIM    = "scope"
      OIDC_GROUP_SCOPES    = join(",", [for scope in keys(local.scopes) : "${local.resource_server}/${scope}=${scope}"])
      STAFF_OIDC_ISSUER    = "https://${pool.endpoint}"
      STAFF_OIDC_CLIENT_ID = join("", [for client in aws_cognito_user_pool_client.staff : client.id])
    }
  ]...)
}

# The names are those of platform.yaml in deployment/kubernetes/overlays.
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
  )
}
