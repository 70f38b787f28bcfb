"""How long a new function takes to its first answer, beside a hello of FastAPI, boto3 and Mangum: `make bench-cold`."""
