"""What a month of chats costs on Lambda and on EKS: `python -m benchmarks.cost`. See docs/COST.md.

A bill is a list of lines, a line is a quantity of something that has a price. Prices are data (prices.toml), those of
models are the project's own (bedrock_client/prices.py).
"""
