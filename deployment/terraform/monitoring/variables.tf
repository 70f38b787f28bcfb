# --- Common to all stacks ---------------------------------------------------------------------------------------------

variable "region" {
  description = "AWS region of what is watched."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "This is no AWS region, as in us-east-1."
  }
}

variable "environment" {
  description = "What is watched; it stands in names and tags."
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

# --- Whom to tell -----------------------------------------------------------------------------------------------------

variable "alarm_topic_arns" {
  description = "SNS topics that are told when an alarm begins and when it ends."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "Each is the ARN of a topic, as in arn:aws:sns:us-east-1:111122223333:alarms."
  }
}

variable "alarm_emails" {
  description = "Addresses that are told too, by a topic of this stack's own; each must confirm once."
  type        = set(string)
  default     = []
}

# --- Function ---------------------------------------------------------------------------------------------------------

variable "function_name" {
  description = "The Lambda function (stack app-lambda), whose own metrics are told to CloudWatch; null where there is none."
  type        = string
  default     = null
}

variable "function_timeout_seconds" {
  description = "timeout_seconds of app-lambda."
  type        = number
  default     = 300
}

variable "function_concurrency" {
  description = "Invocations at once that the function may have: reserved_concurrency of app-lambda, or the account's quota. Null: no alarm."
  type        = number
  default     = null
}

variable "model_ids" {
  description = "BEDROCK_MODELS: throttles and cost are summed over them."
  type        = list(string)
  default     = ["us.amazon.nova-micro-v1:0", "us.amazon.nova-lite-v1:0", "us.amazon.nova-pro-v1:0", "us.amazon.nova-2-lite-v1:0"]

  validation {
    condition     = length(var.model_ids) >= 1 && length(var.model_ids) <= 8
    error_message = "From 1 to 8: an alarm takes no more metrics."
  }
}

variable "expected_daily_cost_usd" {
  description = "What a day of answers may cost in US dollars before an alarm says so."
  type        = number
  default     = 100

  validation {
    condition     = var.expected_daily_cost_usd > 0
    error_message = "More than 0."
  }
}

# --- Tables -----------------------------------------------------------------------------------------------------------

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

# --- Load balancer ----------------------------------------------------------------------------------------------------

variable "load_balancer" {
  description = "The ALB of EKS and its target group, by the ends of their ARNs (app/NAME/ID, targetgroup/NAME/ID); null where there is none."
  type        = object({ name = string, target_group = string })
  default     = null

  validation {
    condition     = var.load_balancer == null ? true : startswith(var.load_balancer.name, "app/") && startswith(var.load_balancer.target_group, "targetgroup/")
    error_message = "As CloudWatch has them: app/NAME/ID and targetgroup/NAME/ID."
  }
}

variable "target_latency_seconds" {
  description = "Above it for 95 % of requests, the pods are slow. A request is a whole turn, or the beginning of a stream."
  type        = number
  default     = 5
}
