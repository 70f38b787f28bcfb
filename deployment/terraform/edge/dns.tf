# The public name, and which region it leads to. Route 53 asks each region whether it is ready, which it is while its
# tables are and Bedrock's client is made; when the primary one is not, the name leads to the secondary.

locals {
  # By role, so that a region keeps its records when the other is added or taken away.
  regions = var.zone_id == null ? {} : { for role, place in { PRIMARY = var.primary, SECONDARY = var.secondary } : role => place if place != null }
  # Failover needs somewhere to go.
  failover = length(local.regions) == 2
}

resource "aws_route53_health_check" "ready" {
  for_each = local.regions

  type              = "HTTPS"
  fqdn              = each.value.host_name
  port              = 443
  resource_path     = "/health/ready"
  request_interval  = var.health_interval_seconds
  failure_threshold = var.health_failures
  measure_latency   = true
  enable_sni        = true
  tags              = { Name = "${local.name}-${lower(each.key)}" }
}

# Each region under a name of its own, which the health checks ask and its certificate holds too.
resource "aws_route53_record" "region" {
  for_each = local.regions

  zone_id = var.zone_id
  name    = each.value.host_name
  type    = "A"

  alias {
    name                   = each.value.load_balancer_name
    zone_id                = each.value.load_balancer_zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "public" {
  for_each = local.regions

  zone_id         = var.zone_id
  name            = var.host_names[0]
  type            = "A"
  set_identifier  = local.failover ? lower(each.key) : null
  health_check_id = local.failover ? aws_route53_health_check.ready[each.key].id : null

  alias {
    name                   = each.value.load_balancer_name
    zone_id                = each.value.load_balancer_zone_id
    evaluate_target_health = true
  }

  dynamic "failover_routing_policy" {
    for_each = local.failover ? [each.key] : []

    content {
      type = failover_routing_policy.value
    }
  }
}
