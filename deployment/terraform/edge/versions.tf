terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  # Bucket, key and region come with `terraform init -backend-config`: deployment/scripts/common.sh.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ Application = "chatbot", Environment = var.environment, Stack = "edge" }, var.tags)
  }
}

data "aws_caller_identity" "current" {}

locals {
  name = "chatbot-${var.environment}"
}
