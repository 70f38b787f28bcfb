# Addons in versions that EKS chooses for the cluster's, unless addon_versions says otherwise. No CSI driver for disks:
# nothing that runs here keeps anything on one.

locals {
  # Before nodes: without a network they never get ready.
  node_addons = {
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" })
    kube-proxy             = null
    eks-pod-identity-agent = null
  }
  # On nodes. The autoscaler of pods reads its figures from metrics-server.
  pod_addons = toset(["coredns", "metrics-server"])
}

resource "aws_eks_addon" "node" {
  for_each = local.node_addons

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = lookup(var.addon_versions, each.key, null)
  configuration_values        = each.value
  service_account_role_arn    = var.irsa && each.key == "vpc-cni" ? aws_iam_role.pods["vpc-cni"].arn : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "aws_eks_addon" "pod" {
  for_each = local.pod_addons

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = lookup(var.addon_versions, each.key, null)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.on_demand]
}
