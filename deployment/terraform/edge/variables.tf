# What values below are held to.
locals {
  host_name_form = "^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z][a-z0-9-]*[a-z0-9]$"
  web_url_form   = "^(https://[^/[:space:]]+|http://localhost(:[0-9]+)?)(/|$)"
}

# --- Common to all stacks ---------------------------------------------------------------------------------------------

variable "region" {
  description = "AWS region of the load balancer that this stack stands in front of."
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

variable "log_retention_days" {
  description = "Days that the firewall's log is kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 … days."
  }
}

variable "deletion_protection" {
  description = "The user pool, with everybody's accounts in it, cannot be deleted at once."
  type        = bool
  default     = true
}

# --- Firewall ---------------------------------------------------------------------------------------------------------

variable "rate_limit" {
  description = "Requests that one address may send within rate_window_seconds."
  type        = number
  default     = 2000

  validation {
    condition     = var.rate_limit >= 10 && floor(var.rate_limit) == var.rate_limit
    error_message = "WAF counts whole requests from 10 on."
  }
}

variable "rate_window_seconds" {
  description = "Seconds that requests of an address are counted over."
  type        = number
  default     = 300

  validation {
    condition     = contains([60, 120, 300, 600], var.rate_window_seconds)
    error_message = "WAF has windows of 60, 120, 300 and 600 seconds."
  }
}

variable "firewall_log" {
  description = "Requests that a rule blocked or counted are logged."
  type        = bool
  default     = true
}

# --- Sign-in ----------------------------------------------------------------------------------------------------------

variable "user_pool" {
  description = "Make a Cognito user pool. Off: in further regions, which use the first one's, and where another issuer signs in."
  type        = bool
  default     = true
}

variable "sign_in_domain" {
  description = "Beginning of Cognito's sign-in host; null: chatbot-ENVIRONMENT-ACCOUNT."
  type        = string
  default     = null
}

variable "self_sign_up" {
  description = "Anybody may open an account; off: staff open them."
  type        = bool
  default     = false
}

variable "mfa" {
  description = "Second factor by an authenticator app: OFF, OPTIONAL or ON."
  type        = string
  default     = "OPTIONAL"

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "OFF, OPTIONAL or ON."
  }
}

variable "password_length" {
  description = "Characters of the shortest password."
  type        = number
  default     = 15

  validation {
    condition     = var.password_length >= 8 && var.password_length <= 99 && floor(var.password_length) == var.password_length
    error_message = "A whole number from 8 to 99."
  }
}

variable "threat_protection" {
  description = "Cognito looks for leaked passwords and odd sign-ins, at a price for each user: OFF, AUDIT or ENFORCED."
  type        = string
  default     = "OFF"

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "OFF, AUDIT or ENFORCED."
  }
}

variable "web_callback_urls" {
  description = "Where the web client comes back to after sign-in; empty: there is no web client."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.web_callback_urls : can(regex(local.web_url_form, url))])
    error_message = "HTTPS, or http://localhost."
  }
}

variable "web_logout_urls" {
  description = "Where the web client may go after sign-out."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.web_logout_urls : can(regex(local.web_url_form, url))])
    error_message = "HTTPS, or http://localhost."
  }
}

variable "machine_clients" {
  description = "Programs that get tokens without a user, with their scopes: { nightly-report = [\"history:read\"] }."
  type        = map(set(string))
  default     = {}

  validation {
    condition     = alltrue([for scopes in values(var.machine_clients) : length(scopes) > 0 && length(setsubtract(scopes, ["chat", "history:read", "history:delete", "models"])) == 0])
    error_message = "Each has at least one of chat, history:read, history:delete, models."
  }
}

variable "staff_groups" {
  description = "Groups of staff, with a description each; STAFF_OIDC_GROUPS says what they mean on the staff pages."
  type        = map(string)
  default     = { chat-support = "Support", chat-leads = "Operator" }
}

# --- Names ------------------------------------------------------------------------------------------------------------

variable "host_names" {
  description = "Public host names of the service; the first one gets the DNS records."
  type        = list(string)
  default     = []

  validation {
    condition     = var.zone_id == null || length(var.host_names) > 0
    error_message = "With a zone_id, name at least one host."
  }

  validation {
    condition     = alltrue([for name in var.host_names : can(regex(local.host_name_form, name))])
    error_message = "Each is a host name in lower case without https:// and path, as in chatbot.example.com."
  }
}

variable "zone_id" {
  description = "Route 53 zone of these names; null: no records and no certificate are made."
  type        = string
  default     = null
}

variable "certificate" {
  description = "Make a certificate for this region's load balancer."
  type        = bool
  default     = true
}

variable "region_host_name" {
  description = "This region's own host name, as in us-east-1.chatbot.example.com."
  type        = string
  default     = null

  validation {
    condition     = var.region_host_name == null || can(regex(local.host_name_form, var.region_host_name))
    error_message = "A host name in lower case without https:// and path, as in us-east-1.chatbot.example.com."
  }
}

variable "primary" {
  description = "Where the public name leads: the region's own host name, and its load balancer's DNS name and zone. Null until there is a load balancer. Records of both regions belong to one stack, the first region's."
  type = object({
    host_name             = string
    load_balancer_name    = string
    load_balancer_zone_id = string
  })
  default = null

  validation {
    condition     = var.primary == null || var.zone_id != null
    error_message = "The records need the zone that they are in: name zone_id."
  }

  validation {
    condition     = var.primary == null ? true : can(regex(local.host_name_form, var.primary.host_name))
    error_message = "host_name is one in lower case without https:// and path, as in us-east-1.chatbot.example.com."
  }
}

variable "secondary" {
  description = "Where it leads while the primary region is not ready; null: nowhere else."
  type = object({
    host_name             = string
    load_balancer_name    = string
    load_balancer_zone_id = string
  })
  default = null

  validation {
    condition     = var.secondary == null || var.primary != null
    error_message = "A secondary region stands in for a primary one."
  }

  validation {
    condition     = var.secondary == null ? true : can(regex(local.host_name_form, var.secondary.host_name))
    error_message = "host_name is one in lower case without https:// and path, as in us-east-1.chatbot.example.com."
  }
}

variable "health_interval_seconds" {
  description = "Seconds between two questions of one of Route 53's checkers: 10 (at a price) or 30."
  type        = number
  default     = 10

  validation {
    condition     = contains([10, 30], var.health_interval_seconds)
    error_message = "10 or 30."
  }
}

variable "health_failures" {
  description = "Answers in a row after which a region counts as not ready, or as ready again."
  type        = number
  default     = 3

  validation {
    condition     = var.health_failures >= 1 && var.health_failures <= 10 && floor(var.health_failures) == var.health_failures
    error_message = "A whole number from 1 to 10."
  }
}
