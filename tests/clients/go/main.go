// The scenario with the Go client that openapi-generator makes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"clients/instapay"
)

const password = "correct horse battery"

var client = newClient()

func newClient() *instapay.APIClient {
	configuration := instapay.NewConfiguration()
	configuration.Servers = instapay.ServerConfigurations{{URL: os.Getenv("API")}}
	return instapay.NewAPIClient(configuration)
}

func must[T any](value T, _ any, err error) T {
	if err != nil {
		var answer *instapay.GenericOpenAPIError
		if errors.As(err, &answer) {
			panic(fmt.Sprintf("%v: %s", err, answer.Body()))
		}
		panic(err)
	}
	return value
}

func refusal(err error) instapay.Problem {
	var answer *instapay.GenericOpenAPIError
	if !errors.As(err, &answer) {
		panic(fmt.Sprintf("it was not refused: %v", err))
	}
	return answer.Model().(instapay.Problem)
}

func signIn(email, password string) *instapay.Session {
	request := *instapay.NewLoginRequest(email, password)
	return must(client.UsersAPI.LoginUser(context.Background()).LoginRequest(request).Execute())
}

func person(letter string) *instapay.Session {
	name := os.Getenv("NAME") + letter
	request := *instapay.NewRegisterRequest(name, name+"@example.com", password)
	must(client.UsersAPI.RegisterUser(context.Background()).RegisterRequest(request).Execute())
	return signIn(request.Email, password)
}

func holding(session *instapay.Session) context.Context {
	return context.WithValue(context.Background(), instapay.ContextAccessToken, session.AccessToken)
}

func refresh(token *string) instapay.ApiRefreshSessionRequest {
	request := instapay.RefreshRequest{RefreshToken: token}
	return client.UsersAPI.RefreshSession(context.Background()).RefreshRequest(request)
}

func main() {
	payer, payee := person("a"), person("b")
	fresh := must(refresh(payer.RefreshToken).Execute())
	mine, theirs := holding(fresh), holding(payee)

	pay := func(amount, key string) instapay.ApiCreateTransferRequest {
		request := *instapay.NewCreateTransferRequest(payer.User.Email, instapay.StringAsAmountRequest(&amount))
		request.SetReceiverEmail(payee.User.Email)
		request.SetNote("Tea")
		return client.TransactionsAPI.CreateTransfer(mine).CreateTransferRequest(request).IdempotencyKey(key)
	}
	paid := must(pay("12.345", "first").Execute())
	again := must(pay("12.345", "first").Execute())
	_, _, err := pay("999999", "second").Execute()
	refused := refusal(err)

	two := "2"
	back := instapay.CreateRefundRequest{}
	back.SetAmount(instapay.StringAsAmountRequest(&two))
	refund := must(client.TransactionsAPI.CreateRefund(theirs, paid.Id).CreateRefundRequest(back).IdempotencyKey("back").Execute())

	pages, kinds := 0, []string{}
	for cursor := (*string)(nil); pages == 0 || cursor != nil; pages++ {
		request := client.TransactionsAPI.ListTransfers(mine, payer.User.Id).Limit(1)
		if cursor != nil {
			request = request.Cursor(*cursor)
		}
		page := must(request.Execute())
		for _, item := range page.Data {
			kinds = append(kinds, string(item.Kind))
		}
		cursor = page.NextCursor.Get()
	}

	own := must(client.ReportsAPI.ReportUser(mine, payer.User.Id).Execute())
	staff := holding(signIn(os.Getenv("OPERATOR_EMAIL"), os.Getenv("OPERATOR_PASSWORD")))
	report := must(client.ReportsAPI.ReportTransactions(staff).StartDate("1970-01-01").EndDate("2999-12-31").Execute())

	request := instapay.RefreshRequest{RefreshToken: fresh.RefreshToken}
	if _, err := client.UsersAPI.LogoutUser(context.Background()).RefreshRequest(request).Execute(); err != nil {
		panic(err)
	}
	_, _, err = refresh(fresh.RefreshToken).Execute()
	ended := refusal(err)

	text, err := json.Marshal(map[string]any{
		"paid":       string(paid.Amount),
		"balance":    string(paid.Balance),
		"replayed":   again.Id == paid.Id,
		"refused":    fmt.Sprintf("%d %s %s", refused.Status, refused.Code, *refused.Left),
		"refund":     fmt.Sprintf("%s %s %s", refund.Amount, refund.Balance, title(*refund.RefundOf == paid.Id)),
		"history":    fmt.Sprintf("%d %s", pages, strings.Join(kinds, " ")),
		"own report": fmt.Sprintf("%s %s %s", own.Net, own.ClosingBalance, own.GroupBy),
		"report":     fmt.Sprintf("%s %d %s", report.GroupBy, len(report.Series), report.Currency),
		"ended":      fmt.Sprintf("%d %s", ended.Status, ended.Code),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func title(yes bool) string {
	if yes {
		return "True"
	}
	return "False"
}
