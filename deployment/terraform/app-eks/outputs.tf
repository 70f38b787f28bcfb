output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "vpc_id" {
  description = "VPC of the cluster, which the load balancer controller asks for."
  value       = aws_vpc.this.id
}

output "load_balancer_controller_role_arn" {
  description = "Role of service account aws-load-balancer-controller in kube-system."
  value       = aws_iam_role.pods["load-balancer-controller"].arn
}

output "external_secrets_role_arn" {
  description = "Role of service account external-secrets in namespace external-secrets."
  value       = aws_iam_role.pods["external-secrets"].arn
}

# The names are those of platform.yaml in deployment/kubernetes/overlays.
output "platform" {
  description = "What the Kubernetes manifests take from this stack."
  value = merge(
    {
      region                   = var.region
      role-arn                 = aws_iam_role.pods["api"].arn
      secret-django-secret-key = aws_secretsmanager_secret.this["django-secret-key"].name
      secret-redis-url         = aws_secretsmanager_secret.this["redis-url"].name
      secret-database          = aws_secretsmanager_secret.this["database"].name
      secret-database-user     = aws_secretsmanager_secret.this["database-user"].name
      database-user-version    = "uuid/${aws_secretsmanager_secret_version.database_user.version_id}"
      load-balancer-attributes = join(",", local.load_balancer_attributes)
      autoscaler-role-arn      = aws_iam_role.pods["cluster-autoscaler"].arn
      autoscaler-groups        = "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/${local.name}"
      # An empty file sends nothing.
      fargate-log-output = var.pod_logs ? local.fargate_log_output : ""
    },
    # The name of a secret is what stands in its ARN behind "secret:", without a hyphen and six characters.
    { for arn in aws_db_instance.this.master_user_secret[*].secret_arn : "secret-database-owner" => replace(split(":", arn)[6], "/-.{6}$/", "") },
    { for number, zone in local.zones : "public-cidr-${["a", "b", "c"][number]}" => local.public_cidrs[zone] },
    { for number, zone in local.zones : "database-cidr-${["a", "b", "c"][number]}" => local.database_cidrs[zone] },
  )
}

output "api_keys_table" {
  description = "Table of API keys, for a key to test with."
  value       = var.api_keys_table
}
