terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  # Bucket, key and region come with -backend-config. The lock is a file beside the state.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

locals {
  tags = merge({ Application = "chatbot-api", Environment = var.environment, Stack = "data" }, var.tags)
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

# Where copies are kept: backups, the key's twin and, if wanted, replicas of the tables.
provider "aws" {
  alias = "recovery"
  # Also when copies were turned off: what is there is found and removed there.
  region = coalesce(local.second_region, var.region)

  default_tags {
    tags = local.tags
  }
}
