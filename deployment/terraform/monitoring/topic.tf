# Alarms name a metric and its values, and nothing that anybody said.

resource "aws_sns_topic" "alarms" {
  count = length(var.alarm_emails) > 0 ? 1 : 0

  name = "${local.name}-alarms"
}

resource "aws_sns_topic_subscription" "emails" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
}
