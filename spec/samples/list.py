import os
import sys
import requests

base = os.environ["CORTEX_BASE_URL"]
key = os.environ["CORTEX_API_KEY"]

page, pages = 0, 1
while page < pages:
    response = requests.get(
        f"{base}/api/v1/secrets",
        params={"page": page, "pageSize": 1000},
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
        allow_redirects=False,
    )
    response.raise_for_status()
    # raise_for_status accepts a redirect
    if response.status_code != 200:
        sys.exit(f"status {response.status_code}")
    body = response.json()
    for secret in body["secrets"]:
        print(secret["tag"], secret.get("name", ""))
    page, pages = page + 1, body["totalPages"]
