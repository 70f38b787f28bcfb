# TLS of this region's load balancer: the public names, and the region's own for health checks.

locals {
  certificate_names = var.certificate && var.zone_id != null ? distinct(concat(var.host_names, compact([var.region_host_name]))) : []
  certificates      = length(local.certificate_names) > 0 ? { this = local.certificate_names } : {}
}

resource "aws_acm_certificate" "this" {
  for_each = local.certificates

  domain_name               = each.value[0]
  subject_alternative_names = slice(each.value, 1, length(each.value))
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = toset(local.certificate_names)

  zone_id = var.zone_id
  name    = one([for option in aws_acm_certificate.this["this"].domain_validation_options : option.resource_record_name if option.domain_name == each.key])
  type    = one([for option in aws_acm_certificate.this["this"].domain_validation_options : option.resource_record_type if option.domain_name == each.key])
  records = [one([for option in aws_acm_certificate.this["this"].domain_validation_options : option.resource_record_value if option.domain_name == each.key])]
  ttl     = 300
  # Another region's certificate for the same name has the same record.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  for_each = aws_acm_certificate.this

  certificate_arn         = each.value.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}
