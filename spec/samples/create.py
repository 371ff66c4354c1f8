import os
import sys
import requests

base = os.environ["CORTEX_BASE_URL"]
key = os.environ["CORTEX_API_KEY"]
# from the environment, not from an argument
value = os.environ["NEW_VALUE"]
if not value:
    sys.exit("Set NEW_VALUE")

response = requests.post(
    f"{base}/api/v1/secrets",
    headers={"Authorization": f"Bearer {key}"},
    json={
        "tag": "deploy-token",
        "name": "Deploy token",
        "secret": value,
    },
    timeout=30,
    allow_redirects=False,
)
response.raise_for_status()
# raise_for_status accepts a redirect
if response.status_code != 200:
    sys.exit(f"status {response.status_code}")
print(response.json()["id"])
