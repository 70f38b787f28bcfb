# A call through an inference profile is authorised twice: for the profile in the region that is asked, and for the
# model in whichever region the profile sends it to.
# https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html

locals {
  regions = length(var.bedrock_regions) > 0 ? var.bedrock_regions : toset([data.aws_region.current.name])
  bedrock = "arn:${data.aws_partition.current.partition}:bedrock"

  # Where the profiles of a prefix send calls to. AWS adds regions to profiles, so they are not counted here one by one.
  destinations = { us = "us-*", eu = "eu-*", apac = "ap-*", jp = "ap-northeast-*", global = "*" }

  profile_ids = [for id in var.model_ids : id if can(local.destinations[split(".", id)[0]])]
  direct_ids  = setsubtract(var.model_ids, local.profile_ids)

  profile_arns = [
    for pair in setproduct(local.regions, local.profile_ids) :
    "${local.bedrock}:${pair[0]}:${data.aws_caller_identity.current.account_id}:inference-profile/${pair[1]}"
  ]
  profiled_model_arns = distinct([
    for id in local.profile_ids :
    "${local.bedrock}:${local.destinations[split(".", id)[0]]}::foundation-model/${join(".", slice(split(".", id), 1, length(split(".", id))))}"
  ])
  direct_model_arns = [
    for pair in setproduct(local.regions, local.direct_ids) : "${local.bedrock}:${pair[0]}::foundation-model/${pair[1]}"
  ]
}

data "aws_iam_policy_document" "models" {
  statement {
    sid       = "Models"
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = concat(local.profile_arns, local.direct_model_arns)
  }

  # In any region of the profile's geography, but only by way of the profile.
  dynamic "statement" {
    for_each = length(local.profile_ids) > 0 ? [local.profiled_model_arns] : []

    content {
      sid       = "ModelsOfProfiles"
      actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
      resources = statement.value

      condition {
        test     = "ArnEquals"
        variable = "bedrock:InferenceProfileArn"
        values   = local.profile_arns
      }
    }
  }

  # Bedrock's lists have no resource to name.
  statement {
    sid       = "ListsOfModels"
    actions   = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"]
    resources = ["*"]
  }
}
