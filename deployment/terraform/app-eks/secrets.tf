# What External Secrets puts into the pods, one secret for each source. Each name is chatbot/ENVIRONMENT/… .

locals {
  secret_arns = concat(
    [for secret in aws_secretsmanager_secret.this : secret.arn],
    aws_db_instance.this.master_user_secret[*].secret_arn,
  )
  # STAFF_OIDC_CLIENT_SECRET, which the stack edge makes; six characters of Secrets Manager's own end its ARN.
  sign_in_secret = "arn:${local.partition}:secretsmanager:${var.region}:${data.aws_caller_identity.current.account_id}:secret:chatbot/${var.environment}/staff-oidc-client-secret-??????"
  # As it was when the secret was made: the generator below says another one each time.
  cache_password = jsondecode(aws_secretsmanager_secret_version.cache.secret_string)["password"]
}

resource "aws_secretsmanager_secret" "this" {
  for_each = {
    "django-secret-key" = "DJANGO_SECRET_KEY: signs the sessions of staff"
    "cache-user"        = "Valkey's user and password"
    "redis-url"         = "REDIS_URL: where limits are counted"
    "database"          = "Where the staff database is"
    "database-user"     = "Who pods connect to it as; the migration makes this user. The owner is in the secret that RDS keeps"
  }

  name                    = "chatbot/${var.environment}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.this.key_id
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

# Written once and in no state of Terraform. A new one: raise django_secret_key_version.
ephemeral "aws_secretsmanager_random_password" "django" {
  password_length     = 64
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "django" {
  secret_id                = aws_secretsmanager_secret.this["django-secret-key"].id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.django.random_password
  secret_string_wo_version = var.django_secret_key_version
}

# The user that pods connect to the staff database as, in no state of Terraform either. A new password: raise
# database_password_version, and deploy.
ephemeral "aws_secretsmanager_random_password" "database" {
  password_length     = 48
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "database_user" {
  secret_id = aws_secretsmanager_secret.this["database-user"].id
  secret_string_wo = jsonencode({
    username = "chatbot_api"
    password = ephemeral.aws_secretsmanager_random_password.database.random_password
  })
  secret_string_wo_version = var.database_password_version
}

# Version 5 of the provider has no argument of Valkey's users that is only written, so the state holds this password and
# the two that are made of it: keep the state's bucket closed. A new one: raise cache_password_version.
data "aws_secretsmanager_random_password" "cache" {
  password_length     = 48
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "cache" {
  secret_id     = aws_secretsmanager_secret.this["cache-user"].id
  secret_string = jsonencode({ username = "chatbot-api", password = data.aws_secretsmanager_random_password.cache.random_password })

  lifecycle {
    ignore_changes       = [secret_string]
    replace_triggered_by = [terraform_data.cache_password]
  }
}

resource "terraform_data" "cache_password" {
  input = var.cache_password_version
}

resource "aws_secretsmanager_secret_version" "redis_url" {
  secret_id     = aws_secretsmanager_secret.this["redis-url"].id
  secret_string = "rediss://chatbot-api:${local.cache_password}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id = aws_secretsmanager_secret.this["database"].id
  secret_string = jsonencode({
    host   = aws_db_instance.this.address
    port   = tostring(aws_db_instance.this.port)
    dbname = aws_db_instance.this.db_name
  })
}
