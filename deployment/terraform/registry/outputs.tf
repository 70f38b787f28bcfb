output "server_repository_url" {
  description = "Where the image of deployment/Dockerfile is pushed to."
  value       = aws_ecr_repository.images[local.server_repository].repository_url
}

output "lambda_repository_url" {
  description = "Where the image of deployment/Dockerfile.lambda is pushed to."
  value       = aws_ecr_repository.images[local.lambda_repository].repository_url
}
