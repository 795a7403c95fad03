"""Tells what is wrong with an answer of 200 to GET, by an OpenAPI file; nothing where it is as described.

openapi_answer.py FILE PATH ANSWER
"""

import json
import sys

import jsonschema_rs

file, path, answer = sys.argv[1:]
with open(file, encoding="utf-8") as text:
    document = json.load(text)
schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
validator = jsonschema_rs.Draft202012Validator(schema | {"components": document["components"]})
for error in validator.iter_errors(json.loads(answer)):
    print(list(error.instance_path), error.message)
