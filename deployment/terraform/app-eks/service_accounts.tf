# A role for each service account that calls AWS. It is had by the account's own token (IRSA), by EKS Pod Identity, or by
# both while a cluster moves from one to the other.

resource "aws_iam_openid_connect_provider" "this" {
  count = var.irsa ? 1 : 0

  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  # As the manifests and deploy_eks.sh have it.
  namespace = "chatbot"

  issuer = replace(aws_eks_cluster.this.identity[0].oidc[0].issuer, "https://", "")

  service_accounts = merge({
    api                      = { namespace = local.namespace, name = "chatbot-api" }
    cluster-autoscaler       = { namespace = "kube-system", name = "cluster-autoscaler" }
    external-secrets         = { namespace = "external-secrets", name = "external-secrets" }
    load-balancer-controller = { namespace = "kube-system", name = "aws-load-balancer-controller" }
    vpc-cni                  = { namespace = "kube-system", name = "aws-node" }
    }, var.pod_logs ? {
    cloudwatch-agent = { namespace = "amazon-cloudwatch", name = "cloudwatch-agent" }
  } : {})

  policies = {
    api                      = module.app_policy.json
    cluster-autoscaler       = data.aws_iam_policy_document.cluster_autoscaler.json
    external-secrets         = data.aws_iam_policy_document.external_secrets.json
    load-balancer-controller = data.aws_iam_policy_document.load_balancer_controller.json
  }
}

data "aws_iam_policy_document" "pods_trust" {
  for_each = local.service_accounts

  dynamic "statement" {
    for_each = aws_iam_openid_connect_provider.this

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.value.arn]
      }

      condition {
        test     = "StringEquals"
        variable = "${local.issuer}:sub"
        values   = ["system:serviceaccount:${each.value.namespace}:${each.value.name}"]
      }

      condition {
        test     = "StringEquals"
        variable = "${local.issuer}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }

  # Pod Identity: by the tags of its sessions, for this service account of this cluster alone.
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/eks-cluster-arn"
      values   = [aws_eks_cluster.this.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-namespace"
      values   = [each.value.namespace]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-service-account"
      values   = [each.value.name]
    }
  }
}

resource "aws_iam_role" "pods" {
  for_each = local.service_accounts

  name               = "${local.role_name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.pods_trust[each.key].json
}

resource "aws_iam_role_policy" "pods" {
  for_each = local.policies

  name   = each.key
  role   = aws_iam_role.pods[each.key].id
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "vpc_cni" {
  role       = aws_iam_role.pods["vpc-cni"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"
}

resource "aws_eks_pod_identity_association" "pods" {
  for_each = var.pod_identity ? local.service_accounts : {}

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.name
  role_arn        = aws_iam_role.pods[each.key].arn
}

module "app_policy" {
  source = "../modules/app-policy"

  conversations_table = var.conversations_table
  usage_table         = var.usage_table
  api_keys_table      = var.api_keys_table
  model_ids           = var.model_ids
  bedrock_regions     = var.bedrock_regions
}
