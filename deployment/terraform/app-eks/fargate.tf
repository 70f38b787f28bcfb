# Pods of the application with these labels run without nodes: by default also those of the migration and of the nightly
# copy, so that a release needs no node of ours.
resource "aws_eks_fargate_profile" "this" {
  count = var.fargate ? 1 : 0

  cluster_name           = aws_eks_cluster.this.name
  fargate_profile_name   = "chatbot-api"
  pod_execution_role_arn = aws_iam_role.fargate[0].arn
  subnet_ids             = [for subnet in aws_subnet.private : subnet.id]

  selector {
    namespace = local.namespace
    labels    = var.fargate_labels
  }

  depends_on = [aws_iam_role_policy_attachment.fargate]
}

resource "aws_iam_role" "fargate" {
  count = var.fargate ? 1 : 0

  name               = "${local.role_name}-fargate"
  assume_role_policy = data.aws_iam_policy_document.fargate_trust.json
}

data "aws_iam_policy_document" "fargate_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["eks-fargate-pods.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:eks:${var.region}:${data.aws_caller_identity.current.account_id}:fargateprofile/${local.name}/*"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "fargate" {
  count = var.fargate ? 1 : 0

  role       = aws_iam_role.fargate[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKSFargatePodExecutionRolePolicy"
}

# Its Fluent Bit writes logs with the role that starts the pods.
resource "aws_iam_role_policy" "fargate_logs" {
  count = var.fargate && var.pod_logs ? 1 : 0

  name   = "write-logs"
  role   = aws_iam_role.fargate[0].id
  policy = data.aws_iam_policy_document.fargate_logs[0].json
}

data "aws_iam_policy_document" "fargate_logs" {
  count = var.fargate && var.pod_logs ? 1 : 0

  statement {
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.pods["application"].arn}:*"]
  }
}
