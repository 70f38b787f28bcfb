"""Local mode: the model behind Bedrock, the children and what keeps them in order."""
