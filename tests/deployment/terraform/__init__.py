"""The stacks of deployment/terraform, applied to MiniStack: a part of `make check-deploy`."""
