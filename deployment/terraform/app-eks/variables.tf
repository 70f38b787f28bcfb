# --- Common to all stacks ---------------------------------------------------------------------------------------------

variable "region" {
  description = "AWS region of the cluster, its tables and its databases."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "This is no AWS region, as in us-east-1."
  }
}

variable "environment" {
  description = "What this deployment is for; it stands in names and tags."
  type        = string
  default     = "production"

  validation {
    condition     = length(var.environment) <= 16 && can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.environment))
    error_message = "Up to 16 lower-case letters and digits, a letter first, with single hyphens between them: with more, names of roles and of the staff database do not fit."
  }
}

variable "tags" {
  description = "More tags for everything that can have tags."
  type        = map(string)
  default     = {}
}

variable "conversations_table" {
  description = "DynamoDB table of sessions and messages (stack data)."
  type        = string
  default     = "ChatbotConversations"
}

variable "usage_table" {
  description = "DynamoDB table of what each owner used (stack data)."
  type        = string
  default     = "ChatbotUsage"
}

variable "api_keys_table" {
  description = "DynamoDB table of API keys (stack data)."
  type        = string
  default     = "ChatbotApiKeys"
}

# --- Models -----------------------------------------------------------------------------------------------------------

variable "model_ids" {
  description = "Models that pods may ask: those of BEDROCK_MODEL_ID, BEDROCK_MODELS and BEDROCK_FALLBACK_MODELS."
  type        = set(string)
  default = [
    "us.amazon.nova-micro-v1:0",
    "us.amazon.nova-lite-v1:0",
    "us.amazon.nova-pro-v1:0",
    "us.amazon.nova-2-lite-v1:0",
  ]

  validation {
    condition     = length(var.model_ids) > 0
    error_message = "At least one model."
  }
}

variable "bedrock_regions" {
  description = "Regions that models are asked in, as in BEDROCK_REGIONS; empty: the region alone."
  type        = set(string)
  default     = []
}

# --- Network ----------------------------------------------------------------------------------------------------------

variable "vpc_cidr" {
  description = "Addresses of the VPC: a /16. Every pod takes one."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && endswith(var.vpc_cidr, "/16")
    error_message = "A /16, as in 10.0.0.0/16."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones: cheaper, and with its zone every way out of AWS is gone."
  type        = bool
  default     = false
}

variable "interface_endpoints" {
  description = "Reach Bedrock, ECR, CloudWatch Logs, Secrets Manager and STS inside AWS's network, at a price for each hour; off: by NAT."
  type        = bool
  default     = true
}

variable "pod_logs" {
  description = "Logs of pods and nodes go to CloudWatch Logs, by Amazon's addon for it. Off, they are gone with the pod."
  type        = bool
  default     = true
}

variable "access_logs" {
  description = "The load balancer writes every request to a bucket: time, address, path and query, User-Agent and answer, no other header and no body."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days that logs of the network, the control plane, the database, pods and the load balancer are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 … days."
  }
}

# --- Cluster ----------------------------------------------------------------------------------------------------------

variable "kubernetes_version" {
  # In standard support until 27 March 2027, and the newest that the controllers in their pinned versions are tested with.
  # https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#kubernetes-release-calendar
  # https://external-secrets.io/latest/introduction/stability-support/
  description = "Version of Kubernetes. Raise it by one minor version at a time; nodes follow."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "As in 1.35."
  }
}

variable "support_type" {
  description = "What happens at the end of a version's standard support: STANDARD upgrades the cluster, EXTENDED keeps it at a higher price; empty: as the cluster has it."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "EXTENDED", ""], var.support_type)
    error_message = "STANDARD, EXTENDED or empty."
  }
}

variable "addon_versions" {
  description = "Versions of EKS addons by their names, e.g. { coredns = \"v1.12.3-eksbuild.1\" }; others as EKS chooses."
  type        = map(string)
  default     = {}
}

variable "public_endpoint_cidrs" {
  description = "Addresses outside the VPC that may reach the control plane, e.g. of CI; empty: only from within the VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.public_endpoint_cidrs : can(cidrnetmask(cidr)) && try(tonumber(split("/", cidr)[1]), 0) >= 8])
    error_message = "Each is a range of IPv4 addresses, as in 203.0.113.0/24, of /8 or smaller: a few larger ones are the whole internet."
  }
}

variable "cluster_admins" {
  description = "ARNs of IAM roles that may do everything in the cluster, beside the one that made it."
  type        = set(string)
  default     = []
}

variable "irsa" {
  description = "Service accounts have their roles by their own tokens, from the cluster's OIDC issuer."
  type        = bool
  default     = true
}

variable "pod_identity" {
  description = "Service accounts have their roles by EKS Pod Identity, with the Kubernetes component pod-identity."
  type        = bool
  default     = false

  validation {
    condition     = var.irsa || var.pod_identity
    error_message = "Without irsa, pods have their roles by pod_identity alone: set one of the two."
  }
}

# --- Nodes ------------------------------------------------------------------------------------------------------------

variable "node_instance_types" {
  description = "Instance types of the nodes."
  type        = list(string)
  default     = ["t3.medium"]

  validation {
    condition     = length(var.node_instance_types) > 0
    error_message = "At least one instance type of nodes."
  }
}

variable "node_ami_type" {
  description = "Amazon Linux 2023 for the architecture of the instance types; the application's images are for both."
  type        = string
  default     = "AL2023_x86_64_STANDARD"

  validation {
    condition     = contains(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD"], var.node_ami_type)
    error_message = "AL2023_x86_64_STANDARD or AL2023_ARM_64_STANDARD."
  }
}

variable "node_min_size" {
  description = "Fewest nodes; three are one for each zone."
  type        = number
  default     = 3

  validation {
    condition     = var.node_min_size >= 1 && floor(var.node_min_size) == var.node_min_size
    error_message = "Fewest nodes: a whole number from 1."
  }
}

variable "node_max_size" {
  description = "Most nodes that the autoscaler may start."
  type        = number
  default     = 6

  validation {
    condition     = var.node_max_size >= var.node_min_size && floor(var.node_max_size) == var.node_max_size
    error_message = "A whole number, not below node_min_size."
  }
}

variable "node_disk_gib" {
  description = "Disk of a node in GiB: its system, images and logs."
  type        = number
  default     = 30

  validation {
    condition     = var.node_disk_gib >= 20 && floor(var.node_disk_gib) == var.node_disk_gib
    error_message = "Disk of a node: a whole number from 20, which its system's image has."
  }
}

variable "spot_max_size" {
  description = "Most Spot nodes that the autoscaler may start; 0: no group of them."
  type        = number
  default     = 0

  validation {
    condition     = var.spot_max_size >= 0 && floor(var.spot_max_size) == var.spot_max_size
    error_message = "Most Spot nodes: a whole number from 0."
  }
}

variable "spot_instance_types" {
  description = "Instance types of Spot nodes, alike in size: the more there are, the seldomer none is to be had."
  type        = list(string)
  default     = ["t3.medium", "t3a.medium"]

  validation {
    condition     = length(var.spot_instance_types) > 0
    error_message = "At least one instance type of Spot nodes."
  }
}

variable "fargate" {
  description = "Pods with fargate_labels run on Fargate."
  type        = bool
  default     = false
}

variable "fargate_labels" {
  description = "Labels of pods that run on Fargate; these are of everything that is the application's: API, migration, nightly copy."
  type        = map(string)
  default     = { "app.kubernetes.io/name" = "chatbot-api" }
}

# --- Databases --------------------------------------------------------------------------------------------------------

variable "database_version" {
  description = "Major version of PostgreSQL."
  type        = string
  default     = "17"
}

variable "database_instance_class" {
  description = "Size of the staff database."
  type        = string
  default     = "db.t4g.small"
}

variable "database_multi_az" {
  description = "A second instance in another zone, which takes over by itself."
  type        = bool
  default     = true
}

variable "database_authority" {
  description = "Which authority of RDS signs the database's certificate; pods trust those in the Kubernetes component rds-REGION."
  type        = string
  default     = "rds-ca-rsa2048-g1"

  validation {
    condition     = contains(["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"], var.database_authority)
    error_message = "rds-ca-rsa2048-g1, rds-ca-rsa4096-g1 or rds-ca-ecc384-g1."
  }
}

variable "database_password_version" {
  description = "Raised by one, the pods' user of the staff database gets a new password with the next migration."
  type        = number
  default     = 1

  validation {
    condition     = var.database_password_version >= 1 && floor(var.database_password_version) == var.database_password_version
    error_message = "Version of the database's password: a whole number from 1."
  }
}

variable "database_backup_days" {
  description = "Days back to which the staff database can be restored, to the second."
  type        = number
  default     = 35

  validation {
    condition     = var.database_backup_days >= 1 && var.database_backup_days <= 35 && floor(var.database_backup_days) == var.database_backup_days
    error_message = "Days of backups: a whole number from 1 to 35."
  }
}

variable "deletion_protection" {
  description = "The staff database, the load balancer and the secrets cannot be deleted at once, and a last snapshot is taken. Off only where nothing is worth keeping."
  type        = bool
  default     = true
}

variable "cache_node_type" {
  description = "Size of Valkey's nodes."
  type        = string
  default     = "cache.t4g.small"
}

variable "cache_nodes" {
  description = "Valkey's nodes: a primary and its replicas, in zones of their own."
  type        = number
  default     = 2

  validation {
    condition     = var.cache_nodes >= 1 && var.cache_nodes <= 6 && floor(var.cache_nodes) == var.cache_nodes
    error_message = "Valkey's nodes: a whole number from 1 to 6."
  }
}

variable "cache_password_version" {
  description = "Raised by one, Valkey's user gets a new password."
  type        = number
  default     = 1

  validation {
    condition     = var.cache_password_version >= 1 && floor(var.cache_password_version) == var.cache_password_version
    error_message = "Version of Valkey's password: a whole number from 1."
  }
}

variable "django_secret_key_version" {
  description = "Raised by one, a new DJANGO_SECRET_KEY is made; staff sign in again."
  type        = number
  default     = 1

  validation {
    condition     = var.django_secret_key_version >= 1 && floor(var.django_secret_key_version) == var.django_secret_key_version
    error_message = "Version of DJANGO_SECRET_KEY: a whole number from 1."
  }
}
