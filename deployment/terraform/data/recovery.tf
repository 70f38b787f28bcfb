# Where copies are kept that outlive a region. What is said stays in its country, or in the European Union, unless
# recovery_region says otherwise; regions that an account has to opt in to are nobody's second region by themselves.

locals {
  neighbours = {
    ap-northeast-1 = "ap-northeast-3"
    ap-northeast-3 = "ap-northeast-1"
    eu-central-1   = "eu-west-1"
    eu-north-1     = "eu-central-1"
    eu-west-1      = "eu-central-1"
    eu-west-3      = "eu-central-1"
    us-east-1      = "us-west-2"
    us-east-2      = "us-west-2"
    us-west-1      = "us-west-2"
    us-west-2      = "us-east-1"
  }

  second_region = try(coalesce(var.recovery_region, lookup(local.neighbours, var.region, null)), null)
  # Null for none.
  recovery_region = var.recovery ? local.second_region : null
}
