resource "aws_launch_template" "node" {
  name                   = "${local.name}-node"
  update_default_version = true

  # Version 2 alone, and one hop: pods never reach the node's own credentials, they have their own (service_accounts.tf).
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.node_disk_gib
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])

    content {
      resource_type = tag_specifications.value
      tags          = { Name = "${local.name}-node" }
    }
  }
}

resource "aws_eks_node_group" "on_demand" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "on-demand"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.private : subnet.id]
  ami_type        = var.node_ami_type
  instance_types  = var.node_instance_types
  capacity_type   = "ON_DEMAND"

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  scaling_config {
    desired_size = var.node_min_size
    min_size     = var.node_min_size
    max_size     = var.node_max_size
  }

  update_config {
    max_unavailable = 1
  }

  lifecycle {
    # The autoscaler's to choose.
    ignore_changes = [scaling_config[0].desired_size]
  }

  # The network plugin keeps its rights as long as there are nodes, or their interfaces would outlive them.
  depends_on = [
    aws_iam_role_policy_attachment.node,
    aws_iam_role_policy_attachment.vpc_cni,
    aws_eks_addon.node,
    aws_eks_pod_identity_association.pods,
  ]
}

# Cheaper nodes that AWS may take back at two minutes' notice, beside the others and never in their place.
resource "aws_eks_node_group" "spot" {
  count = var.spot_max_size > 0 ? 1 : 0

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "spot"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.private : subnet.id]
  ami_type        = var.node_ami_type
  instance_types  = var.spot_instance_types
  capacity_type   = "SPOT"

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  scaling_config {
    desired_size = 0
    min_size     = 0
    max_size     = var.spot_max_size
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  # The network plugin keeps its rights as long as there are nodes, or their interfaces would outlive them.
  depends_on = [
    aws_iam_role_policy_attachment.node,
    aws_iam_role_policy_attachment.vpc_cni,
    aws_eks_addon.node,
    aws_eks_pod_identity_association.pods,
  ]
}

resource "aws_iam_role" "node" {
  name               = "${local.role_name}-node"
  assume_role_policy = data.aws_iam_policy_document.node_trust.json
}

data "aws_iam_policy_document" "node_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

# To join the cluster and to pull images, and no more: the network plugin has a role of its own.
resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}
