"""`python -m deployment.restore_drill`: the tables, restored to a point in time into new ones, and proven.

Needs AWS credentials and boto3 and nothing else of the project: it is for the day on which little else works. The
tables that are restored from are read and never written to.
"""
