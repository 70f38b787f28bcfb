# The web ACL of the load balancer, one for each region. It stops what no caller of a chat API sends. What people write is
# no attack, whatever it looks like: they ask about scripts, exploits and log lines, the text is stored and never run, and
# pages show it escaped. So rules that read bodies are counted and do not block.

locals {
  problem_key = "too-many-requests"

  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = []
    AWSManagedRulesCommonRuleSet = [
      "CrossSiteScripting_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY",
      # Blocks bodies over 8 KB. The application has a limit of its own (MAX_BODY_BYTES), and says so with a 413.
      "SizeRestrictions_BODY",
      # Programs need not say what they are.
      "NoUserAgent_HEADER",
    ]
    AWSManagedRulesKnownBadInputsRuleSet = ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"]
  }
  # In this order, behind the rules of ours.
  managed_order = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"]
}

resource "aws_wafv2_web_acl" "this" {
  name        = local.name
  description = "In front of the chatbot's load balancer"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  custom_response_body {
    key          = local.problem_key
    content_type = "APPLICATION_JSON"
    # The shape of every problem of the API.
    content = jsonencode({
      type      = "about:blank"
      title     = "Too Many Requests"
      status    = 429
      detail    = "This address sends too many requests."
      code      = "rate_limited"
      retryable = true
    })
  }

  # Limits of callers are the application's (RATE_LIMIT). This one keeps floods of a single address away from it.
  rule {
    name     = "rate"
    priority = 0

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = local.problem_key

          response_header {
            name  = "Retry-After"
            value = tostring(var.rate_window_seconds)
          }
        }
      }
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        limit                 = var.rate_limit
        evaluation_window_sec = var.rate_window_seconds
      }
    }

    visibility_config {
      metric_name                = "${local.name}-rate"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  # Behind a load balancer WAF sees 8 KB of a body, so it goes by what the header announces: 10 MB or more is nobody's
  # chat. Where none is announced the application counts.
  rule {
    name     = "huge-body"
    priority = 1

    action {
      block {}
    }

    statement {
      regex_match_statement {
        regex_string = "^[0-9]{8,}$"

        field_to_match {
          single_header {
            name = "content-length"
          }
        }

        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }

    visibility_config {
      metric_name                = "${local.name}-huge-body"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_order

    content {
      name     = rule.value
      priority = 10 + rule.key

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value

          dynamic "rule_action_override" {
            for_each = local.managed_rules[rule.value]

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "${local.name}-${rule.value}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    metric_name                = local.name
    cloudwatch_metrics_enabled = true
    # Samples show whole headers, credentials among them, to everybody who may open the console.
    sampled_requests_enabled = false
  }
}

resource "aws_cloudwatch_log_group" "firewall" {
  count = var.firewall_log ? 1 : 0

  # WAF demands this beginning.
  name              = "aws-waf-logs-${local.name}"
  retention_in_days = var.log_retention_days
}

# What was blocked or counted, without credentials, and without the owners and other words that staff's pages have in
# their addresses; a browser sends the address that it comes from as Referer. Bodies are in no log of WAF.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = var.firewall_log ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall[0].arn]

  dynamic "redacted_fields" {
    for_each = toset(["authorization", "cookie", "referer", "x-api-key", "x-amzn-oidc-accesstoken", "x-amzn-oidc-data"])

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  redacted_fields {
    query_string {}
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
