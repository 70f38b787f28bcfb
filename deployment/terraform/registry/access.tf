# Lambda pulls the image again whenever it optimises it anew, long after the deployment. Nodes of EKS pull with their own role.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_iam_policy_document" "lambda_pulls" {
  statement {
    sid     = "LambdaPulls"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values = [
        "arn:${data.aws_partition.current.partition}:lambda:${var.region}:${data.aws_caller_identity.current.account_id}:function:chatbot-api*",
      ]
    }
  }
}

resource "aws_ecr_repository_policy" "lambda_pulls" {
  repository = aws_ecr_repository.images[local.lambda_repository].name
  policy     = data.aws_iam_policy_document.lambda_pulls.json
}
