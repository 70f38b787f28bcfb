variable "region" {
  description = "Home region of the tables: AWS_REGION of the application."
  type        = string
}

variable "environment" {
  description = "Name of the environment; part of the names of backup vaults and of the key's alias."
  type        = string
  default     = "production"

  validation {
    condition     = length(var.environment) <= 16 && can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.environment))
    error_message = "Up to 16 lower-case letters and digits, a letter first, with single hyphens between them: with more, names of roles and of the staff database do not fit."
  }
}

variable "tags" {
  description = "Further tags of everything in this stack."
  type        = map(string)
  default     = {}
}

# --- Tables -----------------------------------------------------------------------------------------------------------

variable "conversations_table" {
  description = "Name of the table of sessions and messages (CONVERSATIONS_TABLE)."
  type        = string
  default     = "ChatbotConversations"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.conversations_table))
    error_message = "3 to 255 letters, digits, and . _ -"
  }
}

variable "usage_table" {
  description = "Name of the table of what each owner used (USAGE_TABLE)."
  type        = string
  default     = "ChatbotUsage"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.usage_table))
    error_message = "3 to 255 letters, digits, and . _ -"
  }

  validation {
    condition     = var.usage_table != var.conversations_table
    error_message = "Another name than conversations_table: each is a table of its own."
  }
}

variable "api_keys_table" {
  description = "Name of the table of API keys (API_KEYS_TABLE)."
  type        = string
  default     = "ChatbotApiKeys"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.api_keys_table))
    error_message = "3 to 255 letters, digits, and . _ -"
  }

  validation {
    condition     = !contains([var.conversations_table, var.usage_table], var.api_keys_table)
    error_message = "Another name than conversations_table and usage_table: each is a table of its own."
  }
}

variable "most_requests" {
  description = "Request units a second that each table, and each of its indexes, serves at most: a bound on cost, not a target. -1 is none but the account's own."
  type = object({
    conversations = optional(object({ read = number, write = number }), { read = 12000, write = 6000 })
    usage         = optional(object({ read = number, write = number }), { read = 6000, write = 3000 })
    api_keys      = optional(object({ read = number, write = number }), { read = 3000, write = 500 })
  })
  default = {}

  validation {
    condition = alltrue(flatten([
      for table in values(var.most_requests) : [for units in [table.read, table.write] : units == -1 || (units >= 1 && floor(units) == units)]
    ]))
    error_message = "Each is -1 or a whole number from 1."
  }
}

variable "deletion_protection" {
  description = "Tables cannot be deleted until this is false and applied."
  type        = bool
  default     = true
}

variable "point_in_time_days" {
  description = "Days back to which a table can be restored to any second."
  type        = number
  default     = 35

  validation {
    condition     = var.point_in_time_days >= 1 && var.point_in_time_days <= 35 && floor(var.point_in_time_days) == var.point_in_time_days
    error_message = "A whole number from 1 to 35."
  }
}

# --- Backups and the second region ------------------------------------------------------------------------------------

variable "recovery" {
  description = "Backups are copied to a second region. Off, a lost region takes the tables and all their backups with it."
  type        = bool
  default     = true
}

variable "recovery_region" {
  description = "The second region; null: the one that recovery.tf names for the tables' own."
  type        = string
  default     = null

  validation {
    condition     = var.recovery_region != var.region
    error_message = "Name another region than the tables' own."
  }

  validation {
    condition     = !var.recovery || var.recovery_region != null || contains(keys(local.neighbours), var.region)
    error_message = "No second region goes with the tables' own by itself: name one, or set recovery to false."
  }
}

variable "replica_regions" {
  description = "Regions with a replica of every table (global tables, eventually consistent); for each other than the second region a key in replica_key_arns."
  type        = set(string)
  default     = []

  validation {
    condition = alltrue([
      for region in var.replica_regions :
      region != var.region && (region == local.recovery_region || contains(keys(var.replica_key_arns), region))
    ])
    error_message = "Each is another region than the tables' own: the second region, or one that replica_key_arns has a key for."
  }
}

variable "replica_key_arns" {
  description = "Customer keys of replica regions other than the second region, by region."
  type        = map(string)
  default     = {}
}

variable "daily_backup_days" {
  description = "Days that a daily backup is kept."
  type        = number
  default     = 35

  validation {
    condition     = var.daily_backup_days >= 1 && floor(var.daily_backup_days) == var.daily_backup_days
    error_message = "A whole number from 1."
  }
}

variable "monthly_backup_days" {
  description = "Days that a monthly backup is kept."
  type        = number
  default     = 365

  validation {
    condition     = var.monthly_backup_days >= var.daily_backup_days && floor(var.monthly_backup_days) == var.monthly_backup_days
    error_message = "A whole number, at least as long as a daily one."
  }
}

variable "vault_lock" {
  description = "Who may delete backups early: none (whoever may delete backups), governance (whoever may remove the lock) or compliance (nobody, AWS and the account's root included, once vault_lock_changeable_days are over: that cannot be undone)."
  type        = string
  default     = "governance"

  validation {
    condition     = contains(["none", "governance", "compliance"], var.vault_lock)
    error_message = "One of none, governance, compliance."
  }
}

variable "vault_lock_changeable_days" {
  description = "Days in which a lock in compliance mode can still be changed or removed."
  type        = number
  default     = 14

  validation {
    condition     = var.vault_lock_changeable_days >= 3 && floor(var.vault_lock_changeable_days) == var.vault_lock_changeable_days
    error_message = "A whole number from 3: AWS allows no fewer."
  }
}
