import os
import requests

base = os.environ["CORTEX_BASE_URL"]
key = os.environ["CORTEX_API_KEY"]

response = requests.post(
    f"{base}/api/v1/secrets",
    headers={"Authorization": f"Bearer {key}"},
    json={
        "tag": "my-secret",
        "name": "My secret",
        # from the environment, not from an argument
        "secret": os.environ["NEW_VALUE"],
    },
    timeout=30,
    # a redirect must not carry the value elsewhere
    allow_redirects=False,
)
response.raise_for_status()
print(response.json()["id"])
