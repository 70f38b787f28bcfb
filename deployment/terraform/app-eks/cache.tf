# Valkey counts limits for all pods together. Not in cluster mode, which access/limits does not speak. What it holds may
# be lost: limits then begin anew, and while it is away requests pass.

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = local.name
  description                = "Shared limits"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = var.cache_node_type
  num_cache_clusters         = var.cache_nodes
  automatic_failover_enabled = var.cache_nodes > 1
  multi_az_enabled           = var.cache_nodes > 1
  port                       = 6379
  parameter_group_name       = "default.valkey8"
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.cache.id]
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auto_minor_version_upgrade = true
  snapshot_retention_limit   = 0
}

resource "aws_elasticache_subnet_group" "this" {
  name        = local.name
  description = "Subnets without a way out"
  subnet_ids  = [for subnet in aws_subnet.database : subnet.id]
}

# The application's keys, and the commands that counting takes.
resource "aws_elasticache_user" "api" {
  user_id       = "${local.name}-api"
  user_name     = "chatbot-api"
  engine        = "valkey"
  access_string = "on ~chatbot:* resetchannels -@all +@read +@write +@connection +@scripting +time -@dangerous"

  authentication_mode {
    type      = "password"
    passwords = [local.cache_password]
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = local.name
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.api.user_id]
}

resource "aws_security_group" "cache" {
  name        = "${local.name}-cache"
  description = "Valkey from the cluster"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${local.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "cache" {
  security_group_id            = aws_security_group.cache.id
  description                  = "Valkey from nodes and pods"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  from_port                    = 6379
  to_port                      = 6379
  ip_protocol                  = "tcp"
}
