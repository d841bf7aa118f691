"""The counting engine on a real DynamoDB, with a fault at any call: what is lost, what is doubled?"""
