"""Tests of bedrock_client, against the scripted Bedrock."""
