output "alarms" {
  description = "Names of the alarms."
  value       = sort(concat(values(aws_cloudwatch_metric_alarm.single)[*].alarm_name, values(aws_cloudwatch_metric_alarm.reckoned)[*].alarm_name))
}

output "dashboard" {
  description = "Name of the dashboard in CloudWatch."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "topic_arn" {
  description = "The topic that sends emails; null where nobody asked for any."
  value       = one(aws_sns_topic.alarms[*].arn)
}
