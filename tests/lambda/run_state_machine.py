"""run_state_machine.py ENDPOINT ZIP DEFINITION VARIABLES INPUT: makes the function and the state machine on a stand-in of
AWS, runs it, and prints its status, its output and what its functions logged as JSON. VARIABLES and INPUT are JSON, the
function's and the run's."""
import json
import pathlib
import sys
import time

import botocore.session

endpoint, package, definition, variables, given = sys.argv[1:]
session = botocore.session.get_session()
session.set_credentials("test", "test")


def client(service):
    return session.create_client(service, region_name="us-east-1", endpoint_url=endpoint)


functions, machines = client("lambda"), client("stepfunctions")
function = functions.create_function(
    FunctionName="ashore-land", Runtime="provided.al2023", Handler="bootstrap", Role="arn:aws:iam::000000000000:role/ashore",
    Code={"ZipFile": pathlib.Path(package).read_bytes()}, Environment={"Variables": json.loads(variables)}, Timeout=60,
    MemorySize=512)
text = pathlib.Path(definition).read_text().replace("${FunctionArn}", function["FunctionArn"])
machine = machines.create_state_machine(name="ashore-shards", definition=text, roleArn="arn:aws:iam::000000000000:role/ashore")
execution = machines.start_execution(stateMachineArn=machine["stateMachineArn"], input=given)["executionArn"]
deadline = time.monotonic() + 120
while True:
    seen = machines.describe_execution(executionArn=execution)
    if seen["status"] != "RUNNING" or time.monotonic() > deadline:
        break
    time.sleep(0.1)
logged = client("logs").get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/ashore-land")
said = [event["message"] for page in logged for event in page["events"]]
print(json.dumps({"status": seen["status"], "output": json.loads(seen.get("output") or "null"), "error": seen.get("error"),
                  "cause": seen.get("cause"), "said": said}))
