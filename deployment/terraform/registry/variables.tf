variable "region" {
  description = "Region of the repositories: that of the stacks that pull from them."
  type        = string
}

variable "environment" {
  description = "Name of the environment, as the tag Environment has it."
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

variable "kept_days" {
  description = "Days after its push that an image is kept."
  type        = number
  default     = 365

  validation {
    condition     = var.kept_days >= 30 && floor(var.kept_days) == var.kept_days
    error_message = "A whole number, at least 30: there must be something to roll back to."
  }
}

variable "kept_deployed_images" {
  description = "How many of the newest images with a tag that begins with deployed- are kept, however old they are."
  type        = number
  default     = 20

  validation {
    condition     = var.kept_deployed_images >= 2 && floor(var.kept_deployed_images) == var.kept_deployed_images
    error_message = "A whole number, at least 2: the image that runs and the one before it."
  }
}

variable "kms_key_arn" {
  description = "Customer key that images are encrypted with; null for the key aws/ecr."
  type        = string
  default     = null
}

variable "replica_regions" {
  description = "Regions that every pushed image is copied to. The setting is one for the whole registry of the account in this region."
  type        = set(string)
  default     = []

  validation {
    condition     = !contains(var.replica_regions, var.region)
    error_message = "Name other regions than the repositories' own."
  }
}
