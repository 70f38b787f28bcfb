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
    tags = merge({ Application = "chatbot", Environment = var.environment, Stack = "app-eks" }, var.tags)
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name = "chatbot-${var.environment}"
  # Of roles: names of IAM hold for the whole account, in all regions.
  role_name = "chatbot-${var.environment}-${var.region}"
  partition = data.aws_partition.current.partition
}
