# --- Common to all stacks ---------------------------------------------------------------------------------------------

variable "region" {
  description = "AWS region of the function, its tables and its models."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "This is no AWS region, as in us-east-1."
  }
}

variable "environment" {
  description = "What this deployment is for; it stands in the tags. Environments live in accounts of their own, because names are the same in each."
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

# --- The function -----------------------------------------------------------------------------------------------------

variable "image_uri" {
  description = "Image in ECR by its digest, in the function's region: the deploy script pushes it."
  type        = string

  validation {
    condition     = can(regex("^[^@[:space:]]+@sha256:[0-9a-f]{64}$", var.image_uri))
    error_message = "Name the image by its digest, as in 111122223333.dkr.ecr.us-east-1.amazonaws.com/chatbot-api-lambda@sha256:...: a tag may come to mean another one."
  }
}

variable "architecture" {
  description = "Processor: arm64 or x86_64, as the image was built."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "One of arm64 and x86_64."
  }
}

variable "memory_mb" {
  description = "Memory in MB; processor time grows with it."
  type        = number
  default     = 1024

  validation {
    condition     = var.memory_mb >= 512 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "A whole number from 512 to 10240."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda kills a request."
  type        = number
  default     = 300

  validation {
    condition     = var.timeout_seconds >= 15 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "A whole number from 15 to 900, which is Lambda's limit."
  }
}

variable "chat_deadline_seconds" {
  description = "CHAT_DEADLINE_SECONDS; null: 60, or less where the timeout or API Gateway ends a request sooner."
  type        = number
  default     = null

  validation {
    condition     = var.chat_deadline_seconds == null ? true : var.chat_deadline_seconds >= 5 && floor(var.chat_deadline_seconds) == var.chat_deadline_seconds
    error_message = "A whole number from 5."
  }
}

variable "role_name" {
  description = "Name of the function's role; another one in a second region of the same account, because roles know no regions."
  type        = string
  default     = "chatbot-lambda-role"
}

variable "tracing" {
  description = "AWS X-Ray records requests."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days that logs are kept; one of the periods that CloudWatch Logs knows."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 … days."
  }
}

variable "log_kms_key_arn" {
  description = "Customer key for the logs; its policy must let CloudWatch Logs use it. Null: AWS's own key."
  type        = string
  default     = null
}

# --- What the application is told -------------------------------------------------------------------------------------

variable "default_model_id" {
  description = "BEDROCK_MODEL_ID."
  type        = string
  default     = "us.amazon.nova-pro-v1:0"
}

variable "model_ids" {
  description = "BEDROCK_MODELS."
  type        = list(string)
  default     = ["us.amazon.nova-micro-v1:0", "us.amazon.nova-lite-v1:0", "us.amazon.nova-pro-v1:0", "us.amazon.nova-2-lite-v1:0"]

  validation {
    condition     = length(var.model_ids) > 0
    error_message = "At least one model."
  }
}

variable "fallback_model_ids" {
  description = "BEDROCK_FALLBACK_MODELS."
  type        = list(string)
  default     = []
}

variable "bedrock_regions" {
  description = "BEDROCK_REGIONS; empty: the region of the function alone."
  type        = list(string)
  default     = []
}

variable "allowed_hosts" {
  description = "Host names of your own, beside the one that AWS gives (DJANGO_ALLOWED_HOSTS)."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.allowed_hosts, "*")
    error_message = "Name the hosts; the application does not start with *."
  }
}

variable "settings" {
  description = "More settings of the application, by their names in .env.example."
  type        = map(string)
  default     = {}

  validation {
    condition = length(setintersection(keys(var.settings), [
      "DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "STAFF_OIDC_CLIENT_SECRET"
    ])) == 0
    error_message = "Secrets do not stand in Terraform's state: keep them in Secrets Manager, and name their ARNs in `secrets`."
  }

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("^(AWS_|LOCAL_|DJANGO_DEBUG$)", name))])
    error_message = "AWS_* is Lambda's own to set, and LOCAL_* and DJANGO_DEBUG are not for production."
  }
}

variable "secrets" {
  description = "Secrets of the application: setting to ARN in Secrets Manager, of any region, with #KEY behind it where the secret is a JSON object. DJANGO_SECRET_KEY is needed."
  type        = map(string)

  validation {
    condition     = contains(keys(var.secrets), "DJANGO_SECRET_KEY")
    error_message = "DJANGO_SECRET_KEY is missing: without it the application does not start."
  }

  validation {
    condition = alltrue([
      for name in keys(var.secrets) :
      contains(["DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "STAFF_OIDC_CLIENT_SECRET"], name)
    ])
    error_message = "Only DJANGO_SECRET_KEY, DATABASE_URL, REDIS_URL and STAFF_OIDC_CLIENT_SECRET are read from Secrets Manager."
  }

  validation {
    condition = alltrue([
      for reference in values(var.secrets) :
      can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*#]+(#.+)?$", reference))
    ])
    error_message = "Each is the ARN of one secret, as in arn:aws:secretsmanager:us-east-1:111122223333:secret:chatbot-AbCdEf#key."
  }
}

variable "other_secrets_version" {
  description = "Raise it after a secret of another region than the function's has got a new value: its processes then read it. New values of secrets in the function's region are seen without it."
  type        = number
  default     = 1

  validation {
    condition     = var.other_secrets_version >= 1 && floor(var.other_secrets_version) == var.other_secrets_version
    error_message = "A whole number from 1 on."
  }
}

variable "secret_kms_key_arns" {
  description = "Customer keys that these secrets are encrypted with; none for the key aws/secretsmanager."
  type        = set(string)
  default     = []
}

# --- The way in -------------------------------------------------------------------------------------------------------

variable "entry" {
  description = "How callers reach the function: function-url, or api-gateway (an HTTP API), which ends every request after 30 seconds."
  type        = string
  default     = "function-url"

  validation {
    condition     = contains(["function-url", "api-gateway"], var.entry)
    error_message = "One of function-url and api-gateway."
  }
}

variable "url_auth" {
  description = "Who may call the function URL: AWS_IAM (callers sign their requests), or NONE (anybody; the application asks for API keys and tokens)."
  type        = string
  default     = "AWS_IAM"

  validation {
    condition     = contains(["AWS_IAM", "NONE"], var.url_auth)
    error_message = "One of AWS_IAM and NONE."
  }
}

variable "jwt" {
  description = "Issuer whose tokens API Gateway lets in, and their audiences or client ids; null leaves it to the application, which also knows API keys."
  type        = object({ issuer = string, audience = list(string) })
  default     = null

  validation {
    condition     = var.jwt == null ? true : startswith(var.jwt.issuer, "https://") && length(var.jwt.audience) > 0
    error_message = "The issuer begins with https://, and there is at least one audience."
  }

  validation {
    condition     = var.jwt == null || var.entry == "api-gateway"
    error_message = "jwt needs entry = \"api-gateway\": a function URL asks for no token of an issuer."
  }
}

variable "throttle" {
  description = "Requests that API Gateway lets through each second in the long run, and at once."
  type        = object({ rate = number, burst = number })
  default     = { rate = 100, burst = 200 }

  validation {
    condition     = var.throttle.rate >= 1 && var.throttle.burst >= 1 && floor(var.throttle.burst) == var.throttle.burst
    error_message = "Both are at least 1, and burst is a whole number."
  }
}

# --- Releases and capacity --------------------------------------------------------------------------------------------

variable "live_version" {
  description = "Version that the alias live stands for; null: the newest."
  type        = string
  default     = null

  validation {
    condition     = var.live_version == null ? true : can(regex("^[1-9][0-9]*$", var.live_version))
    error_message = "A published version, which is a number."
  }
}

variable "canary_weight" {
  description = "Share of requests, from 0 to 1, that the newest version answers beside live_version."
  type        = number
  default     = 0

  validation {
    condition     = var.canary_weight >= 0 && var.canary_weight < 1 && (var.canary_weight == 0 || var.live_version != null)
    error_message = "From 0 to less than 1; above 0 live_version says who answers the others."
  }
}

variable "reserved_concurrency" {
  description = "Requests at once that the function may have, and that are kept for it; -1: what the account has left."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency == -1 || (var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency)
    error_message = "A whole number from 1, or -1: with 0 the function would answer nobody."
  }
}

variable "provisioned_concurrency" {
  description = "Processes of live that stand ready: from min to max, scaled to keep the share `utilization` of them busy; `schedules` change min and max at a time (cron or at expression)."
  type = object({
    min         = number
    max         = number
    utilization = optional(number, 0.7)
    schedules = optional(map(object({
      schedule = string
      timezone = optional(string, "Etc/UTC")
      min      = number
      max      = number
    })), {})
  })
  default = null

  validation {
    condition = var.provisioned_concurrency == null ? true : alltrue([
      var.provisioned_concurrency.min >= 1,
      var.provisioned_concurrency.max >= var.provisioned_concurrency.min,
      var.provisioned_concurrency.utilization >= 0.1 && var.provisioned_concurrency.utilization <= 0.9,
      alltrue([for change in values(var.provisioned_concurrency.schedules) : change.min >= 0 && change.max >= max(change.min, 1)]),
    ])
    error_message = "min is at least 1 (in a schedule 0), max not below min, utilization from 0.1 to 0.9."
  }

  validation {
    condition = var.provisioned_concurrency == null || var.reserved_concurrency == -1 ? true : alltrue([
      for most in concat([var.provisioned_concurrency.max], values(var.provisioned_concurrency.schedules)[*].max) :
      most <= var.reserved_concurrency
    ])
    error_message = "No max may be above reserved_concurrency."
  }

  validation {
    condition = var.provisioned_concurrency == null ? true : alltrue([
      for capacity in concat([var.provisioned_concurrency], values(var.provisioned_concurrency.schedules)) :
      floor(capacity.min) == capacity.min && floor(capacity.max) == capacity.max
    ])
    error_message = "min and max are whole numbers."
  }
}

variable "keep_warm_schedule" {
  description = "How often GET /health is called so that a process stays loaded, as in rate(5 minutes); null: never."
  type        = string
  default     = null

  validation {
    condition     = var.keep_warm_schedule == null ? true : can(regex("^(rate|cron)\\(.+\\)$", var.keep_warm_schedule))
    error_message = "A rate(...) or cron(...) expression."
  }
}

# --- Network ----------------------------------------------------------------------------------------------------------

variable "vpc" {
  description = "Private subnets to run in; null: AWS's own network. `endpoints`: make those of the services that the application calls (route_table_ids are for DynamoDB's); `services`: security group and port of what else it reaches, as PostgreSQL; `internet`: HTTPS anywhere by a NAT gateway, which other BEDROCK_REGIONS and OIDC issuers need."
  type = object({
    vpc_id          = string
    subnet_ids      = list(string)
    route_table_ids = optional(list(string), [])
    endpoints       = optional(bool, true)
    services        = optional(map(object({ security_group_id = string, port = number })), {})
    internet        = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) >= 2
    error_message = "Name subnets in at least two zones."
  }

  validation {
    condition     = var.vpc == null ? true : !var.vpc.endpoints || length(var.vpc.route_table_ids) > 0
    error_message = "DynamoDB's endpoint needs the subnets' route tables."
  }
}
