# Alarms on what CloudWatch reckons out of several metrics: shares of what there was, and sums over models and tables. A
# metric is there from its first value on, so what is missing is taken for 0. At least five of what is counted must have
# happened: one failure of two says little.

locals {
  of_function = {
    for name, alarm in {
      failed-turns = {
        about      = "ChatbotErrorBudgetBurning", above = 5, period = 300, periods = 2
        expression = "IF(FILL(bad, 0) >= 5, 100 * FILL(bad, 0) / (FILL(bad, 0) + FILL(answered, 0) + FILL(stopped, 0)), 0)"
        # The outcome failed would count callers' doing too, as a message that the model's filters block.
        metrics = merge(
          { bad = { namespace = local.own, metric = "chatbot_turns_bad_total", statistic = "Sum", dimensions = local.service } },
          {
            for outcome in ["answered", "stopped"] : outcome => {
              namespace  = local.own, metric = "chatbot_turns_total", statistic = "Sum"
              dimensions = merge(local.service, { outcome = outcome })
            }
          },
        )
      }
      server-errors = {
        about      = "ChatbotRequestsFailing", above = 5, period = 300, periods = 2
        expression = "IF(${local.sum_of_5xx} >= 5, 100 * (${local.sum_of_5xx}) / invocations, 0)"
        metrics = merge(
          {
            for status in local.five_xx : "s${status}" => {
              namespace  = local.own, metric = "http_server_request_duration_seconds", statistic = "SampleCount"
              dimensions = merge(local.service, { http_response_status_code = status })
            }
          },
          { invocations = { namespace = "AWS/Lambda", metric = "Invocations", statistic = "Sum", dimensions = local.function } },
        )
      }
      model-throttled = {
        about      = "ChatbotModelThrottled", above = 10, period = 300, periods = 1
        expression = "IF(${local.sum_of_models} >= 5, 100 * (${local.sum_of_models}) / attempts, 0)"
        metrics = merge(
          {
            for id, model in local.per_model : id => {
              namespace  = local.own, metric = "chatbot_model_throttles_total", statistic = "Sum"
              dimensions = merge(local.service, { model = model })
            }
          },
          { attempts = { namespace = local.own, metric = "chatbot_model_attempts_total", statistic = "Sum", dimensions = local.service } },
        )
      }
      cost = {
        about      = "ChatbotCostAboveExpected", above = var.expected_daily_cost_usd, period = 86400, periods = 1
        expression = local.sum_of_models
        metrics = {
          for id, model in local.per_model : id => {
            namespace  = local.own, metric = "chatbot_cost_usd_total", statistic = "Sum"
            dimensions = merge(local.service, { model = model })
          }
        }
      }
    } : name => alarm if local.has_function
  }

  sum_of_5xx    = join(" + ", [for status in local.five_xx : "FILL(s${status}, 0)"])
  sum_of_models = join(" + ", [for id in keys(local.per_model) : "FILL(${id}, 0)"])

  # Of a table and its indexes: reads and writes. An index that is throttled throttles the table.
  throttled = {
    for key, table in local.tables : key => merge(
      {
        for kind in ["Read", "Write"] : "table_${lower(kind)}" => {
          namespace = "AWS/DynamoDB", metric = "${kind}ThrottleEvents", statistic = "Sum", dimensions = { TableName = table }
        }
      },
      {
        for pair in setproduct(keys(local.shapes[key].indexes), ["Read", "Write"]) : "${lower(pair[0])}_${lower(pair[1])}" => {
          namespace  = "AWS/DynamoDB", metric = "${pair[1]}ThrottleEvents", statistic = "Sum"
          dimensions = { TableName = table, GlobalSecondaryIndexName = pair[0] }
        }
      },
    )
  }
  failing = {
    for key, table in local.tables : key => {
      for operation in local.dynamodb : lower(operation) => {
        namespace  = "AWS/DynamoDB", metric = "SystemErrors", statistic = "Sum"
        dimensions = { TableName = table, Operation = operation }
      }
    }
  }
  of_tables = merge([
    for key, table in local.tables : {
      "${table}-throttled" = {
        about      = "ChatbotStoreThrottled", above = 4, period = 300, periods = 1
        expression = join(" + ", [for id in keys(local.throttled[key]) : "FILL(${id}, 0)"]), metrics = local.throttled[key]
      }
      "${table}-errors" = {
        about      = "ChatbotErrorBudgetBurning", above = 4, period = 300, periods = 1
        expression = join(" + ", [for id in keys(local.failing[key]) : "FILL(${id}, 0)"]), metrics = local.failing[key]
      }
    }
  ]...)

  of_balancer = {
    for name, alarm in {
      for name, counted in {
        # RequestCount has the requests that went to a target, those that it answered with 5xx among them. Without a target
        # the load balancer answers by itself, and such a request is not in it.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
        load-balancer-errors = { metric = "HTTPCode_ELB_5XX_Count", dimensions = local.balancer, all = "(FILL(errors, 0) + FILL(requests, 0))" }
        target-errors        = { metric = "HTTPCode_Target_5XX_Count", dimensions = local.target, all = "requests" }
        } : name => {
        about      = "ChatbotErrorBudgetBurning", above = 5, period = 300, periods = 2
        expression = "IF(FILL(errors, 0) >= 5, 100 * FILL(errors, 0) / ${counted.all}, 0)"
        metrics = {
          errors   = { namespace = "AWS/ApplicationELB", metric = counted.metric, statistic = "Sum", dimensions = counted.dimensions }
          requests = { namespace = "AWS/ApplicationELB", metric = "RequestCount", statistic = "Sum", dimensions = local.balancer }
        }
      }
    } : name => alarm if local.has_balancer
  }
}

resource "aws_cloudwatch_metric_alarm" "reckoned" {
  for_each = merge(local.of_function, local.of_tables, local.of_balancer)

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${local.runbook}#${lower(each.value.about)}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "reckoned"
    expression  = each.value.expression
    label       = each.key
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.statistic
        period      = each.value.period
      }
    }
  }

  alarm_actions = local.actions
  ok_actions    = local.actions
}
