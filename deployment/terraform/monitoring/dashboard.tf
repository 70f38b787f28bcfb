# One page for each environment: what callers see first, then what it rests on.

locals {
  # Of each widget: its title, what its axis says, the statistic, and metrics as CloudWatch takes them: namespace, name,
  # then dimensions by name and value.
  of_the_function = [
    {
      title     = "Turns by outcome"
      axis      = "turns"
      statistic = "Sum"
      metrics = concat(
        [for outcome in ["answered", "stopped", "replayed", "refused", "failed"] : [local.own, "chatbot_turns_total", "service", var.function_name, "outcome", outcome]],
        [[local.own, "chatbot_turns_bad_total", "service", var.function_name, { label = "by a fault of ours" }]],
      )
    },
    {
      title     = "Answer time, P50, P95, P99"
      axis      = "seconds"
      statistic = "p95"
      metrics   = [for quantile in ["p50", "p95", "p99"] : [local.own, "chatbot_turn_duration_seconds", "service", var.function_name, "outcome", "answered", { stat = quantile, label = quantile }]]
    },
    {
      title     = "Model calls, P95"
      axis      = "seconds"
      statistic = "p95"
      metrics   = [for model in var.model_ids : [local.own, "gen_ai_client_operation_duration_seconds", "service", var.function_name, "gen_ai_request_model", model]]
    },
    {
      title     = "Cost by model"
      axis      = "US dollars"
      statistic = "Sum"
      metrics   = [for model in var.model_ids : [local.own, "chatbot_cost_usd_total", "service", var.function_name, "model", model]]
    },
    {
      title     = "Throttled by Bedrock"
      axis      = "requests"
      statistic = "Sum"
      metrics   = [for model in var.model_ids : [local.own, "chatbot_model_throttles_total", "service", var.function_name, "model", model]]
    },
    {
      title     = "Requests by status"
      axis      = "requests"
      statistic = "SampleCount"
      metrics   = [for status in concat(["200", "429"], local.five_xx) : [local.own, "http_server_request_duration_seconds", "service", var.function_name, "http_response_status_code", status]]
    },
    {
      title     = "Refused by limits"
      axis      = "requests"
      statistic = "Sum"
      metrics   = [for limit in ["rate", "failures", "turns"] : [local.own, "chatbot_rate_limit_refusals_total", "service", var.function_name, "limit", limit]]
    },
    {
      title     = "Refused by budgets"
      axis      = "turns"
      statistic = "Sum"
      metrics   = [[local.own, "chatbot_budget_refusals_total", "service", var.function_name]]
    },
    {
      title     = "DynamoDB as the function sees it, P95"
      axis      = "seconds"
      statistic = "p95"
      metrics   = [[local.own, "chatbot_store_call_duration_seconds", "service", var.function_name]]
    },
    {
      title     = "Function: errors and throttles"
      axis      = "invocations"
      statistic = "Sum"
      metrics   = [for name in ["Errors", "Throttles"] : ["AWS/Lambda", name, "FunctionName", var.function_name]]
    },
    {
      title     = "Function: duration, P99"
      axis      = "milliseconds"
      statistic = "p99"
      metrics   = [["AWS/Lambda", "Duration", "FunctionName", var.function_name]]
    },
    {
      title     = "Function: invocations at once"
      axis      = "invocations"
      statistic = "Maximum"
      metrics   = [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", var.function_name]]
    },
  ]

  of_the_balancer = [
    {
      title     = "Load balancer: 5xx"
      axis      = "answers"
      statistic = "Sum"
      metrics = [
        ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", local.balancer.LoadBalancer],
        ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", local.balancer.LoadBalancer, "TargetGroup", local.target.TargetGroup],
      ]
    },
    {
      title     = "Load balancer: time of the pods, P95"
      axis      = "seconds"
      statistic = "p95"
      metrics   = [["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", local.balancer.LoadBalancer, "TargetGroup", local.target.TargetGroup]]
    },
    {
      title     = "Load balancer: requests"
      axis      = "requests"
      statistic = "Sum"
      metrics   = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", local.balancer.LoadBalancer]]
    },
  ]

  of_the_tables = [
    {
      title     = "DynamoDB: consumed writes"
      axis      = "units"
      statistic = "Sum"
      metrics   = [for table in values(local.tables) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table]]
    },
    {
      title     = "DynamoDB: consumed reads"
      axis      = "units"
      statistic = "Sum"
      metrics   = [for table in values(local.tables) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table]]
    },
    {
      title     = "DynamoDB: throttled"
      axis      = "events"
      statistic = "Sum"
      metrics   = [for pair in setproduct(values(local.tables), ["Read", "Write"]) : ["AWS/DynamoDB", "${pair[1]}ThrottleEvents", "TableName", pair[0]]]
    },
  ]

  shown = concat(
    [for widget in local.of_the_function : widget if local.has_function],
    [for widget in local.of_the_balancer : widget if local.has_balancer],
    local.of_the_tables,
  )
  columns = 3
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [
      for number, widget in local.shown : {
        type   = "metric"
        x      = (number % local.columns) * 8
        y      = floor(number / local.columns) * 6
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          view    = "timeSeries"
          stacked = false
          period  = 60
          stat    = widget.statistic
          metrics = widget.metrics
          yAxis   = { left = { label = widget.axis, min = 0, showUnits = false } }
        }
      }
    ]
  })
}
