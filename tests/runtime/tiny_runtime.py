"""A runtime client that does what the event says, with an extension that works for EXTENSION seconds."""

import http.client
import json
import os
import sys
import threading
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
NAME = {"Lambda-Extension-Name": "tiny"}


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer, answer.read()


def log(*words):
    sys.stdout.write(f"{' '.join(map(str, words))}\n")
    sys.stdout.flush()


def register():
    connection = http.client.HTTPConnection(API)
    events = json.dumps({"events": ["INVOKE"]})
    answer, _ = ask(connection, "POST", "/2020-01-01/extension/register", events, NAME)
    log("registered" if answer.status == 200 else f"not registered: {answer.status}")
    if answer.status == 200:
        identifier = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}
        threading.Thread(target=extend, args=[connection, identifier], daemon=True).start()


def extend(connection, identifier):
    while True:
        _, body = ask(connection, "GET", "/2020-01-01/extension/event/next", headers=identifier)
        time.sleep(float(os.environ["EXTENSION"]))
        log("extension", json.loads(body)["eventType"], json.loads(body)["requestId"])


def run():
    connection = http.client.HTTPConnection(API)
    while True:
        answer, body = ask(connection, "GET", "/2018-06-01/runtime/invocation/next")
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.loads(body)
        if "exit" in event:
            sys.exit(event["exit"])
        time.sleep(event.get("sleep", 0))
        sum(range(event.get("work", 0)))
        failure = {"errorType": "TinyError", "errorMessage": "asked for"}
        outcome, said = ("error", failure) if "fail" in event else ("response", {"id": request_id, **event})
        path = f"/2018-06-01/runtime/invocation/{event.get('answer', request_id)}/{outcome}"
        chunks = [json.dumps(said).encode()[n : n + 10] for n in range(0, len(json.dumps(said)), 10)]
        answer, _ = ask(connection, "POST", path, iter(chunks))  # an iterator is sent chunked
        log(outcome, answer.status)


if os.environ.get("INIT") == "fails":
    sys.exit("no such module")
if "EXTENSION" in os.environ:
    register()
run()
