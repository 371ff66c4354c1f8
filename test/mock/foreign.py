"""Run by foreign-clients.test.ts: the standard library, and requests if it is installed."""
import http.client, json, os, urllib.error, urllib.parse, urllib.request

base = os.environ["CORTEX_BASE_URL"]
headers = {"Authorization": "Bearer " + os.environ["CORTEX_API_KEY"], "Content-Type": "application/json"}


def body(tag, value="p\u00e4ss"):
    return json.dumps({"tag": tag, "name": "N", "secret": value}, ensure_ascii=False)


def post(what, data, headers=headers):
    request = urllib.request.Request(base + "/api/v1/secrets", method="POST", data=data, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            print(what, response.status)
    except urllib.error.HTTPError as error:
        print(what, error.code, error.headers.get("WWW-Authenticate", ""))


post("urllib-utf8", body("urllib-utf8").encode())
post("urllib-latin1", body("urllib-latin1").encode("latin-1"))
post("urllib-wrong-key", b"{}", {**headers, "Authorization": "Bearer wrong"})

# An environment variable that is not UTF-8, as Python decodes it.
post("urllib-surrogate", json.dumps({"tag": "surrogate", "name": "N", "secret": os.fsdecode(b"p\xe4ss")}).encode())

# http.client encodes a str as ISO 8859-1; the second request goes over the same connection.
connection = http.client.HTTPConnection(urllib.parse.urlparse(base).netloc)
for tag, data in ("http-str", body("http-str")), ("http-bytes", body("http-bytes").encode()):
    connection.request("POST", "/api/v1/secrets", data, headers)
    response = connection.getresponse()
    response.read()
    print(tag, response.status)

try:
    import requests
except ImportError:
    print("requests missing")
else:
    session = requests.Session()
    session.headers.update(headers)
    # requests encodes a str as UTF-8 or, in older versions, as ISO 8859-1: what is stored is right, or nothing is.
    print("requests-str", session.post(base + "/api/v1/secrets", data=body("requests-str")).status_code)
    print("requests-json", session.post(base + "/api/v1/secrets", json=json.loads(body("requests-json"))).status_code)
