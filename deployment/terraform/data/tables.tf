locals {
  names = {
    conversations = var.conversations_table
    usage         = var.usage_table
    api_keys      = var.api_keys_table
  }
}

resource "aws_dynamodb_table" "tables" {
  for_each = local.shapes

  name                        = local.names[each.key]
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.hash_key
  range_key                   = each.value.range_key
  deletion_protection_enabled = var.deletion_protection

  # Replicas follow the stream.
  stream_enabled   = length(var.replica_regions) > 0
  stream_view_type = length(var.replica_regions) > 0 ? "NEW_AND_OLD_IMAGES" : null

  on_demand_throughput {
    max_read_request_units  = var.most_requests[each.key].read
    max_write_request_units = var.most_requests[each.key].write
  }

  # Every attribute that a key names; all are text.
  dynamic "attribute" {
    for_each = toset(compact(flatten([
      each.value.hash_key, each.value.range_key,
      [for index in values(each.value.indexes) : [index.hash_key, index.range_key]],
    ])))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = global_secondary_index.value.projection
      non_key_attributes = global_secondary_index.value.attributes

      # A write to an index that is throttled throttles the table: its maximum is the table's.
      on_demand_throughput {
        max_read_request_units  = var.most_requests[each.key].read
        max_write_request_units = var.most_requests[each.key].write
      }
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl == null ? [] : [each.value.ttl]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.point_in_time_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name            = replica.value
      kms_key_arn            = replica.value == local.recovery_region ? aws_kms_replica_key.recovery[0].arn : var.replica_key_arns[replica.value]
      point_in_time_recovery = true
      propagate_tags         = true
    }
  }

  timeouts {
    create = "60m" # replicas are filled
    update = "60m"
  }
}
