# The load balancer's log of requests. The controller turns it on, by what the Ingress is told.

locals {
  access_logs = var.access_logs ? { this = "${local.role_name}-alb-${data.aws_caller_identity.current.account_id}" } : {}
  load_balancer_attributes = concat(
    ["deletion_protection.enabled=${var.deletion_protection}", "access_logs.s3.enabled=${var.access_logs}"],
    [for bucket in aws_s3_bucket.access_logs : "access_logs.s3.bucket=${bucket.bucket}"],
  )
}

resource "aws_s3_bucket" "access_logs" {
  for_each = local.access_logs

  bucket        = each.value
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  for_each = aws_s3_bucket.access_logs

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Load balancers write with keys of S3 alone, never with one of ours:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  for_each = aws_s3_bucket.access_logs

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  for_each = aws_s3_bucket.access_logs

  bucket = each.value.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.log_retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  for_each = aws_s3_bucket.access_logs

  bucket = each.value.id
  policy = data.aws_iam_policy_document.access_logs[each.key].json
}

data "aws_iam_policy_document" "access_logs" {
  for_each = aws_s3_bucket.access_logs

  statement {
    sid       = "LoadBalancers"
    actions   = ["s3:PutObject"]
    resources = ["${each.value.arn}/AWSLogs/${data.aws_caller_identity.current.account_id}/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.balancing}:loadbalancer/app/*"]
    }
  }

  statement {
    sid       = "TLSAlone"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
