"""The OpenAPI document: written from the code that answers, and held against what was released.

`routes` reads from the templates which function answers what, `operations` asks each function's resolver
for its part, `answers` and `schemas` hold what all of them share, `document` puts it together, `breaking`
compares two of them, `releases` keeps those that clients were written for.
"""
