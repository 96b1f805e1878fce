from boto3.dynamodb import resource
