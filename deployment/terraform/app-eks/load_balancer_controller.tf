# What the AWS Load Balancer Controller asks for: load balancers, target groups and security groups that carry its tag,
# and nothing of load balancers for Services, which are not used. Its own list, by release:
# https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/#option-a-recommended-iam-roles-for-service-accounts-irsa

locals {
  # The tag's value is the cluster, so another cluster's things stay out of reach.
  controller_tag = "elbv2.k8s.aws/cluster"
  balancing      = "arn:${local.partition}:elasticloadbalancing:${var.region}:${data.aws_caller_identity.current.account_id}"
  ec2            = "arn:${local.partition}:ec2:${var.region}:${data.aws_caller_identity.current.account_id}"
}

data "aws_iam_policy_document" "load_balancer_controller" {
  # Reading has no resources to name.
  statement {
    sid = "Read"
    actions = [
      "acm:DescribeCertificate", "acm:ListCertificates", "cognito-idp:DescribeUserPoolClient",
      "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances",
      "ec2:DescribeInternetGateways", "ec2:DescribeNetworkInterfaces", "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeTags", "ec2:DescribeVpcPeeringConnections",
      "ec2:DescribeVpcs", "ec2:GetSecurityGroupsForVpc", "elasticloadbalancing:Describe*",
      "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "ServiceLinkedRole"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${data.aws_caller_identity.current.account_id}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["elasticloadbalancing.amazonaws.com"]
    }
  }

  # Rules in the cluster's group let the load balancer reach the pods; that group carries no tag of the controller.
  statement {
    sid       = "ClusterSecurityGroup"
    actions   = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    resources = ["${local.ec2}:security-group/${aws_eks_cluster.this.vpc_config[0].cluster_security_group_id}"]
  }

  statement {
    sid       = "CreateSecurityGroup"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.ec2}:security-group/*", "${local.ec2}:vpc/${aws_vpc.this.id}"]
  }

  statement {
    sid       = "TagNewSecurityGroup"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.ec2}:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSecurityGroup"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.controller_tag}"
      values   = [local.name]
    }
  }

  statement {
    sid       = "OwnSecurityGroups"
    actions   = ["ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags", "ec2:DeleteSecurityGroup", "ec2:DeleteTags", "ec2:RevokeSecurityGroupIngress"]
    resources = ["${local.ec2}:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.controller_tag}"
      values   = [local.name]
    }
  }

  statement {
    sid       = "CreateBalancing"
    actions   = ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
    resources = ["${local.balancing}:loadbalancer/app/*", "${local.balancing}:targetgroup/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.controller_tag}"
      values   = [local.name]
    }
  }

  statement {
    sid       = "TagNewBalancing"
    actions   = ["elasticloadbalancing:AddTags"]
    resources = ["${local.balancing}:loadbalancer/app/*", "${local.balancing}:targetgroup/*", "${local.balancing}:listener/app/*", "${local.balancing}:listener-rule/app/*"]

    condition {
      test     = "StringEquals"
      variable = "elasticloadbalancing:CreateAction"
      values   = ["CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateRule"]
    }
  }

  statement {
    sid = "OwnBalancing"
    actions = [
      "elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:AddTags",
      "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateRule", "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteRule",
      "elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:DeregisterTargets",
      "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes",
      "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyRule",
      "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
      "elasticloadbalancing:RegisterTargets", "elasticloadbalancing:RemoveListenerCertificates",
      "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetRulePriorities",
      "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets", "elasticloadbalancing:SetWebAcl",
    ]
    resources = ["${local.balancing}:loadbalancer/app/*", "${local.balancing}:targetgroup/*", "${local.balancing}:listener/app/*", "${local.balancing}:listener-rule/app/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.controller_tag}"
      values   = [local.name]
    }
  }

  statement {
    sid     = "WebACL"
    actions = ["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"]
    resources = [
      "${local.balancing}:loadbalancer/app/*",
      "arn:${local.partition}:wafv2:${var.region}:${data.aws_caller_identity.current.account_id}:regional/webacl/*",
    ]
  }
}
