import com.fasterxml.jackson.databind.ObjectMapper;
import instapay.ApiClient;
import instapay.ApiException;
import instapay.api.ReportsApi;
import instapay.api.TransactionsApi;
import instapay.api.UsersApi;
import instapay.model.*;
import java.util.*;

/** The scenario with the Java client that openapi-generator makes (library native). */
public class Scenario {
  private static final String PASSWORD = "correct horse battery";
  private static final UsersApi ANYBODY = new UsersApi(client(null));

  private interface Call {
    void run() throws ApiException;
  }

  private static ApiClient client(Session session) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("API"));
    if (session != null) {
      String token = "Bearer " + session.getAccessToken();
      client.setRequestInterceptor(request -> request.header("Authorization", token));
    }
    return client;
  }

  private static Session signIn(String email, String password) throws ApiException {
    return ANYBODY.loginUser(new LoginRequest().email(email).password(password), null);
  }

  private static Session person(String letter) throws ApiException {
    String name = System.getenv("NAME") + letter;
    String email = name + "@example.com";
    ANYBODY.registerUser(new RegisterRequest().username(name).email(email).password(PASSWORD));
    return signIn(email, PASSWORD);
  }

  private static Problem refusal(Call call) throws Exception {
    try {
      call.run();
    } catch (ApiException error) {
      return new ApiClient().getObjectMapper().readValue(error.getResponseBody(), Problem.class);
    }
    throw new AssertionError("it was not refused");
  }

  private static CompletedTransfer pay(
      TransactionsApi api, Session from, Session to, String amount, String key)
      throws ApiException {
    CreateTransferRequest request =
        new CreateTransferRequest()
            .senderEmail(from.getUser().getEmail())
            .receiverEmail(to.getUser().getEmail())
            .amount(new AmountRequest(amount))
            .note("Tea");
    return api.createTransfer(request, key);
  }

  public static void main(String[] arguments) throws Exception {
    Session payer = person("a");
    Session payee = person("b");
    Session fresh =
        ANYBODY.refreshSession(new RefreshRequest().refreshToken(payer.getRefreshToken()), null);
    TransactionsApi mine = new TransactionsApi(client(fresh));
    TransactionsApi theirs = new TransactionsApi(client(payee));

    CompletedTransfer paid = pay(mine, payer, payee, "12.345", "first");
    CompletedTransfer again = pay(mine, payer, payee, "12.345", "first");
    Problem refused = refusal(() -> pay(mine, payer, payee, "999999", "second"));
    CreateRefundRequest two =
        new CreateRefundRequest().amount(new AmountRequest("2"));
    CompletedTransfer refund = theirs.createRefund(paid.getId(), two, "back");

    int pages = 0;
    String cursor = null;
    List<String> kinds = new ArrayList<>();
    UUID id = payer.getUser().getId();
    do {
      HistoryPage page = mine.listTransfers(id, 1, cursor, null, null, null, null, null, null, null);
      page.getData().forEach(item -> kinds.add(item.getKind().getValue()));
      cursor = page.getNextCursor();
      ++pages;
    } while (cursor != null);

    UserReport own =
        new ReportsApi(client(fresh)).reportUser(id, null, null, null, null, null);
    Session operator =
        signIn(System.getenv("OPERATOR_EMAIL"), System.getenv("OPERATOR_PASSWORD"));
    TransactionsReport report =
        new ReportsApi(client(operator))
            .reportTransactions("1970-01-01", "2999-12-31", null, null, null, null);

    RefreshRequest last = new RefreshRequest().refreshToken(fresh.getRefreshToken());
    ANYBODY.logoutUser(last, null);
    Problem ended = refusal(() -> ANYBODY.refreshSession(last, null));

    Map<String, Object> said = new LinkedHashMap<>();
    said.put("paid", paid.getAmount().toPlainString());
    said.put("balance", paid.getBalance().toPlainString());
    said.put("replayed", again.getId().equals(paid.getId()));
    said.put("refused", refused.getStatus() + " " + refused.getCode() + " " + refused.getLeft());
    String same = paid.getId().equals(refund.getRefundOf()) ? "True" : "False";
    said.put("refund", refund.getAmount() + " " + refund.getBalance() + " " + same);
    said.put("history", pages + " " + String.join(" ", kinds));
    said.put(
        "own report", own.getNet() + " " + own.getClosingBalance() + " " + own.getGroupBy());
    int periods = report.getSeries().size();
    said.put("report", report.getGroupBy() + " " + periods + " " + report.getCurrency());
    said.put("ended", ended.getStatus() + " " + ended.getCode());
    System.out.println(new ObjectMapper().writeValueAsString(said));
  }
}
