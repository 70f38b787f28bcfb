output "tables" {
  description = "Names of the tables by what the application's settings call them."
  value = {
    CONVERSATIONS_TABLE = aws_dynamodb_table.tables["conversations"].name
    USAGE_TABLE         = aws_dynamodb_table.tables["usage"].name
    API_KEYS_TABLE      = aws_dynamodb_table.tables["api_keys"].name
  }
}

output "table_arns" {
  description = "ARNs of the tables, under the same names."
  value = {
    CONVERSATIONS_TABLE = aws_dynamodb_table.tables["conversations"].arn
    USAGE_TABLE         = aws_dynamodb_table.tables["usage"].arn
    API_KEYS_TABLE      = aws_dynamodb_table.tables["api_keys"].arn
  }
}

output "kms_key_arn" {
  description = "The key of tables and backups."
  value       = aws_kms_key.data.arn
}

output "recovery_kms_key_arn" {
  description = "Its twin in the second region; null without one."
  value       = one(aws_kms_replica_key.recovery[*].arn)
}

output "backup_vault_arns" {
  description = "Backup vaults: the one here and, where there is a second region, the one there."
  value       = concat([aws_backup_vault.home.arn], aws_backup_vault.recovery[*].arn)
}

output "backup_role_arn" {
  description = "Role that AWS Backup restores with."
  value       = aws_iam_role.backup.arn
}
