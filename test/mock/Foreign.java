import java.net.Authenticator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** Run by foreign-clients.test.ts, with the class of docs/mock.md at its end: one process, since Java starts slowly. */
class Foreign {
  static final HttpClient CLIENT = HttpClient.newHttpClient();
  // With an authenticator the client throws for a 401 without WWW-Authenticate, and never sends a key of its caller.
  static final HttpClient STRICT = HttpClient.newBuilder().authenticator(new Authenticator() {}).build();

  static void send(HttpClient client, String what, String path, String key, byte[] body) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(System.getenv("CORTEX_BASE_URL") + path))
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json");
    if (body != null) request.POST(BodyPublishers.ofByteArray(body));
    HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
    System.out.println(what + " " + response.statusCode() + " " + response.version());
  }

  public static void main(String[] args) throws Exception {
    String key = System.getenv("CORTEX_API_KEY");
    String all = "/api/v1/secrets";
    String json = "{\"tag\":\"TAG\",\"name\":\"N\",\"secret\":\"p\u00e4ss\"}";
    send(CLIENT, "list", all, key, null);
    send(CLIENT, "wrong-key", all, "wrong", null);
    send(STRICT, "no-key", all, key, null);
    send(CLIENT, "latin1", all, key, json.replace("TAG", "latin1").getBytes(StandardCharsets.ISO_8859_1));
    send(CLIENT, "utf8", all, key, json.replace("TAG", "utf8").getBytes(StandardCharsets.UTF_8));
    Rotate.main(args);
  }
}
