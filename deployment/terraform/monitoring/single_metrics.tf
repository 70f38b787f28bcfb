# Alarms on one metric each. Where nothing is measured nothing is wrong: a function that nobody calls says nothing.

locals {
  own_alarms = {
    for name, alarm in merge(
      {
        for quantile, seconds in { p50 = 2, p95 = 5, p99 = 10 } :
        "slow-turns-${quantile}" => {
          about      = "ChatbotTurnsSlow", namespace = local.own, metric = "chatbot_turn_duration_seconds"
          dimensions = merge(local.service, { outcome = "answered" }), statistic = quantile
          above      = seconds, period = 300, periods = 3
        }
      },
      {
        turns-found-dead = {
          about      = "ChatbotTurnsFoundDead", namespace = local.own, metric = "chatbot_turns_found_dead_total"
          dimensions = local.service, statistic = "Sum", above = 0, period = 900, periods = 1
        }
        budget-spent = {
          about      = "ChatbotBudgetSpent", namespace = local.own, metric = "chatbot_budget_refusals_total"
          dimensions = local.service, statistic = "Sum", above = 19, period = 3600, periods = 1
        }
        limits-unchecked = {
          about      = "ChatbotLimitsUnchecked", namespace = local.own, metric = "chatbot_limits_unchecked_total"
          dimensions = local.service, statistic = "Sum", above = 0, period = 300, periods = 2
        }
      },
    ) : name => alarm if local.has_function
  }

  function_alarms = {
    for name, alarm in {
      function-errors = {
        about      = "alarms-of-cloudwatch", namespace = "AWS/Lambda", metric = "Errors"
        dimensions = local.function, statistic = "Sum", above = 4, period = 300, periods = 1
      }
      function-throttles = {
        about      = "alarms-of-cloudwatch", namespace = "AWS/Lambda", metric = "Throttles"
        dimensions = local.function, statistic = "Sum", above = 0, period = 300, periods = 2
      }
      function-duration = {
        about      = "alarms-of-cloudwatch", namespace = "AWS/Lambda", metric = "Duration"
        dimensions = local.function, statistic = "p99", above = 900 * var.function_timeout_seconds, period = 300, periods = 3
      }
    } : name => alarm if local.has_function
  }

  concurrency_alarms = {
    for name, alarm in {
      function-concurrency = {
        about      = "alarms-of-cloudwatch", namespace = "AWS/Lambda", metric = "ConcurrentExecutions"
        dimensions = local.function, statistic = "Maximum", above = 0.8 * coalesce(var.function_concurrency, 1), period = 60, periods = 5
      }
    } : name => alarm if local.has_function && var.function_concurrency != null
  }

  balancer_alarms = {
    for name, alarm in {
      target-latency = {
        about      = "ChatbotTurnsSlow", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime"
        dimensions = local.target, statistic = "p95", above = var.target_latency_seconds, period = 300, periods = 3
      }
    } : name => alarm if local.has_balancer
  }

  single_metrics = merge(local.own_alarms, local.function_alarms, local.concurrency_alarms, local.balancer_alarms)
}

resource "aws_cloudwatch_metric_alarm" "single" {
  for_each = local.single_metrics

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${local.runbook}#${lower(each.value.about)}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  # Of a few answers the slowest says nothing of a hundredth of them.
  evaluate_low_sample_count_percentiles = startswith(each.value.statistic, "p") ? "ignore" : null

  alarm_actions = local.actions
  ok_actions    = local.actions
}
