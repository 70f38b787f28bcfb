locals {
  name         = "chatbot-${var.environment}"
  has_function = var.function_name != null
  has_balancer = var.load_balancer != null

  # The namespace of telemetry/emf.py, and the dimension that each of its metrics has.
  own       = "Chatbot"
  service   = { service = coalesce(var.function_name, "none") }
  function  = { FunctionName = coalesce(var.function_name, "none") }
  balancer  = { LoadBalancer = try(var.load_balancer.name, "none") }
  target    = merge(local.balancer, { TargetGroup = try(var.load_balancer.target_group, "none") })
  actions   = concat(tolist(var.alarm_topic_arns), aws_sns_topic.alarms[*].arn)
  tables    = { conversations = var.conversations_table, usage = var.usage_table, api_keys = var.api_keys_table }
  shapes    = jsondecode(file("${path.module}/../data/shapes.tf.json")).locals.shapes
  runbook   = "docs/RUNBOOK.md"
  five_xx   = ["500", "502", "503", "504"]
  dynamodb  = ["GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"]
  per_model = { for number, id in var.model_ids : "m${number}" => id }
}
