locals {
  server_repository = "chatbot-api"
  lambda_repository = "chatbot-api-lambda"
}

resource "aws_ecr_repository" "images" {
  for_each = toset([local.server_repository, local.lambda_repository])

  name = each.key
  # What a tag named when it was tested is what it names when it is rolled back to.
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "images" {
  for_each = aws_ecr_repository.images

  repository = each.value.name
  policy     = local.lifecycle_policy
}

locals {
  # An image that a rule's tags match is never expired by a rule behind it: so one that was deployed is counted and does not
  # age. https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
  lifecycle_policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Layers that no tag names"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Images that were deployed: the newest of them stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["deployed-*"]
          countType      = "imageCountMoreThan"
          countNumber    = var.kept_deployed_images
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "All others by age"
        selection = {
          tagStatus   = "any"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.kept_days
        }
        action = { type = "expire" }
      },
    ]
  })
}
