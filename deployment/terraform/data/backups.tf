# Point-in-time recovery answers mistakes of the last weeks, and ends with the table's account and region. Backups outlive
# the table, cannot be deleted early, and are copied to the second region.

locals {
  vault_name = "chatbot-api-${var.environment}"
  # UTC; when nobody has to wait for anything, in most places.
  rules = {
    daily   = { schedule = "cron(0 3 * * ? *)", days = var.daily_backup_days }
    monthly = { schedule = "cron(0 4 1 * ? *)", days = var.monthly_backup_days }
  }
}

resource "aws_backup_vault" "home" {
  name        = local.vault_name
  kms_key_arn = aws_kms_key.data.arn
}

resource "aws_backup_vault" "recovery" {
  count    = local.recovery_region == null ? 0 : 1
  provider = aws.recovery

  name        = local.vault_name
  kms_key_arn = aws_kms_replica_key.recovery[0].arn
}

resource "aws_backup_vault_lock_configuration" "home" {
  count = var.vault_lock == "none" ? 0 : 1

  backup_vault_name   = aws_backup_vault.home.name
  min_retention_days  = var.daily_backup_days
  max_retention_days  = var.monthly_backup_days
  changeable_for_days = var.vault_lock == "compliance" ? var.vault_lock_changeable_days : null
}

resource "aws_backup_vault_lock_configuration" "recovery" {
  count    = var.vault_lock == "none" || local.recovery_region == null ? 0 : 1
  provider = aws.recovery

  backup_vault_name   = aws_backup_vault.recovery[0].name
  min_retention_days  = var.daily_backup_days
  max_retention_days  = var.monthly_backup_days
  changeable_for_days = var.vault_lock == "compliance" ? var.vault_lock_changeable_days : null
}

resource "aws_backup_plan" "tables" {
  name = local.vault_name

  dynamic "rule" {
    for_each = local.rules

    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.home.name
      schedule          = rule.value.schedule
      start_window      = 60  # minutes
      completion_window = 480 # minutes

      lifecycle {
        delete_after = rule.value.days
      }

      dynamic "copy_action" {
        for_each = aws_backup_vault.recovery

        content {
          destination_vault_arn = copy_action.value.arn

          lifecycle {
            delete_after = rule.value.days
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "tables" {
  name         = "tables"
  plan_id      = aws_backup_plan.tables.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [for key in sort(keys(local.shapes)) : aws_dynamodb_table.tables[key].arn]
}
