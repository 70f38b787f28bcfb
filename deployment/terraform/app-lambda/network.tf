# In private subnets the function reaches what a variable names, and AWS by endpoints instead of a NAT gateway.

locals {
  has_endpoints = var.vpc == null ? false : var.vpc.endpoints
  # CloudWatch Logs and X-Ray are reached by Lambda itself; kms is for clients that ask it directly, which DynamoDB and
  # Secrets Manager do on their side.
  endpoint_services = local.has_endpoints ? toset(["bedrock", "bedrock-runtime", "secretsmanager", "logs", "kms"]) : toset([])
}

resource "aws_security_group" "function" {
  count = var.vpc == null ? 0 : 1

  name        = local.name
  description = "The function chatbot-api: nothing comes in by its network"
  vpc_id      = var.vpc.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "services" {
  for_each = var.vpc == null ? {} : var.vpc.services

  security_group_id            = aws_security_group.function[0].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.security_group_id
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  count = var.vpc == null ? 0 : var.vpc.internet ? 1 : 0

  security_group_id = aws_security_group.function[0].id
  description       = "HTTPS anywhere"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_endpoint" "dynamodb" {
  count = local.has_endpoints ? 1 : 0

  vpc_id            = var.vpc.vpc_id
  service_name      = "com.amazonaws.${var.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.vpc.route_table_ids
}

resource "aws_vpc_security_group_egress_rule" "dynamodb" {
  count = local.has_endpoints ? 1 : 0

  security_group_id = aws_security_group.function[0].id
  description       = "DynamoDB"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.dynamodb[0].prefix_list_id
}

resource "aws_security_group" "endpoints" {
  count = local.has_endpoints ? 1 : 0

  name        = "${local.name}-endpoints"
  description = "Endpoints of AWS services, for the function chatbot-api"
  vpc_id      = var.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = local.has_endpoints ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "The function"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.function[0].id
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  count = local.has_endpoints ? 1 : 0

  security_group_id            = aws_security_group.function[0].id
  description                  = "Endpoints of AWS services"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints[0].id
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.endpoint_services

  vpc_id              = var.vpc.vpc_id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.vpc.subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]
  private_dns_enabled = true
}
