variable "conversations_table" {
  description = "Name of the table of sessions and messages, in the provider's region."
  type        = string
}

variable "usage_table" {
  description = "Name of the table of what each owner used, in the provider's region."
  type        = string
}

variable "api_keys_table" {
  description = "Name of the table of API keys, in the provider's region."
  type        = string
}

variable "model_ids" {
  description = "Models that may be asked (BEDROCK_MODEL_ID, BEDROCK_MODELS and BEDROCK_FALLBACK_MODELS): ids of foundation models, or of inference profiles, which begin with us., eu., apac., jp. or global."
  type        = set(string)

  validation {
    condition     = length(var.model_ids) > 0 && alltrue([for id in var.model_ids : can(regex("^[a-z0-9][a-z0-9.:-]+$", id))])
    error_message = "Name at least one model, by its id and not by its ARN."
  }
}

variable "bedrock_regions" {
  description = "Regions that models are asked in (BEDROCK_REGIONS); empty: the provider's."
  type        = set(string)
  default     = []
}

variable "secret_arns" {
  description = "Secrets of Secrets Manager that may be read, by their ARNs."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*#]+$", arn))])
    error_message = "Each is the ARN of one secret, without * and without a #KEY behind it."
  }
}

variable "secret_kms_key_arns" {
  description = "Customer keys that these secrets are encrypted with; none for the key aws/secretsmanager."
  type        = set(string)
  default     = []
}
