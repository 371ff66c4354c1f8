import os
import requests

base = os.environ["CORTEX_BASE_URL"]
key = os.environ["CORTEX_API_KEY"]

response = requests.get(
    f"{base}/api/v1/secrets/my-secret",
    headers={"Authorization": f"Bearer {key}"},
    timeout=30,
)
response.raise_for_status()
print(response.json()["id"])
