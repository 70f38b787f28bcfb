# Three zones, each with a public subnet (load balancer, NAT), a private one (nodes and pods) and one for databases,
# which has no way out.

data "aws_availability_zones" "available" {
  state = "available"

  # Local zones have neither NAT gateways nor every instance type.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, 3)
  # Of a /16: /24 for what has few addresses, /19 for pods, each of which takes one.
  public_cidrs   = { for number, zone in local.zones : zone => cidrsubnet(var.vpc_cidr, 8, number) }
  database_cidrs = { for number, zone in local.zones : zone => cidrsubnet(var.vpc_cidr, 8, number + 8) }
  private_cidrs  = { for number, zone in local.zones : zone => cidrsubnet(var.vpc_cidr, 3, number + 1) }
  nat_zones      = var.single_nat_gateway ? slice(local.zones, 0, 1) : local.zones
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = local.name }
}

# Nothing uses the group that every VPC comes with, so it lets nothing in or out.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = local.name }
}

resource "aws_subnet" "public" {
  for_each = local.public_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  # The load balancer controller finds its subnets by these tags.
  tags = { Name = "${local.name}-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "private" {
  for_each = local.private_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${local.name}-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "database" {
  for_each = local.database_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${local.name}-database-${each.key}" }
}
