"""One file per Lambda function, named after what it does."""
