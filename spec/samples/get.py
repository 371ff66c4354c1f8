import os
import sys
import requests

base = os.environ["CORTEX_BASE_URL"]
key = os.environ["CORTEX_API_KEY"]

response = requests.get(
    f"{base}/api/v1/secrets/my-secret",
    headers={"Authorization": f"Bearer {key}"},
    timeout=30,
    allow_redirects=False,
)
response.raise_for_status()
# raise_for_status accepts a redirect
if response.status_code != 200:
    sys.exit(f"status {response.status_code}")
print(response.json()["id"])
