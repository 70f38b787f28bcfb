output "json" {
  description = "The policy document, as IAM takes it."
  value       = data.aws_iam_policy_document.all.json
}

output "table_arns" {
  description = "ARNs of the tables."
  value       = [for table in local.tables : table.arn]
}
