# Logs of pods and nodes leave the cluster: Fluent Bit on every node, by Amazon's addon. What the application writes has
# no word of a conversation in it.

locals {
  # The addon's own names for them, with the groups made here first: it would make them without a key and for ever.
  pod_log_groups = toset(var.pod_logs ? ["application", "dataplane", "host", "performance"] : [])
  # What Fargate's own Fluent Bit is told, by the Kubernetes component fargate.
  fargate_log_output = <<-TEXT
    [OUTPUT]
        Name cloudwatch_logs
        Match *
        region ${var.region}
        log_group_name /aws/containerinsights/${local.name}/application
        log_stream_prefix fargate-
        auto_create_group false
  TEXT
}

resource "aws_cloudwatch_log_group" "pods" {
  for_each = local.pod_log_groups

  name              = "/aws/containerinsights/${local.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

# What its agents need is AWS's to know.
resource "aws_iam_role_policy_attachment" "cloudwatch_agent" {
  count = var.pod_logs ? 1 : 0

  role       = aws_iam_role.pods["cloudwatch-agent"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/CloudWatchAgentServerPolicy"
}

resource "aws_eks_addon" "pod_logs" {
  count = var.pod_logs ? 1 : 0

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "amazon-cloudwatch-observability"
  addon_version               = lookup(var.addon_versions, "amazon-cloudwatch-observability", null)
  service_account_role_arn    = var.irsa ? aws_iam_role.pods["cloudwatch-agent"].arn : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  # Logs, and the plain measures of nodes and pods: neither those that are billed by observation nor traces.
  configuration_values = jsonencode({
    containerLogs = { enabled = true }
    agent = {
      config = {
        logs = { metrics_collected = { kubernetes = { enhanced_container_insights = false } } }
      }
    }
  })

  depends_on = [
    aws_cloudwatch_log_group.pods,
    aws_eks_node_group.on_demand,
    aws_eks_pod_identity_association.pods,
    aws_iam_role_policy_attachment.cloudwatch_agent,
  ]
}
