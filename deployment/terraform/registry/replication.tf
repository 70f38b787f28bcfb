# For the loss of a region: what runs here can be pulled there.

resource "aws_ecr_replication_configuration" "images" {
  count = length(var.replica_regions) > 0 ? 1 : 0

  replication_configuration {
    rule {
      dynamic "destination" {
        for_each = var.replica_regions

        content {
          region      = destination.value
          registry_id = data.aws_caller_identity.current.account_id
        }
      }

      repository_filter {
        filter      = local.server_repository # and all that begins like it
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
