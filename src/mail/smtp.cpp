#include "mail/smtp.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string_view>

namespace instapay::mail {
namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t read_some(char* out, std::size_t size, std::size_t count, void* context) {
  auto& rest = *static_cast<std::string_view*>(context);
  const std::size_t taken = std::min(size * count, rest.size());
  std::memcpy(out, rest.data(), taken);
  rest.remove_prefix(taken);
  return taken;
}

int should_abort(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& give_up = *static_cast<const std::function<bool()>*>(context);
  return give_up && give_up() ? 1 : 0;
}

// 5yz is for ever, except what is said about us and not about the mail: 530, 534, 535 and 538 want
// another sign-in, which an operator brings.
Delivery delivery_of(CURLcode code, long reply) {
  if (code == CURLE_OK) return Delivery::accepted;
  const bool about_us = reply == 530 || reply == 534 || reply == 535 || reply == 538;
  const bool said_no =
      code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_RECV_ERROR;
  return said_no && reply >= 500 && reply < 600 && !about_us ? Delivery::refused : Delivery::later;
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK)
    throw std::runtime_error(fmt::format("libcurl lacks option {}", static_cast<int>(option)));
}

}  // namespace

void SmtpClient::Close::operator()(CURL* handle) const { curl_easy_cleanup(handle); }

SmtpClient::SmtpClient(SmtpOptions options, std::function<bool()> give_up)
    : options_(std::move(options)), give_up_(std::move(give_up)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  curl_.reset(curl_easy_init());
  if (!curl_) throw std::runtime_error("libcurl does not start");
  CURL* curl = curl_.get();
  set(curl, CURLOPT_URL, options_.url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_PROXY, "");  // whatever the environment says
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, kSmtpConnectTimeout_ms);
  set(curl, CURLOPT_TIMEOUT_MS, kSmtpTimeout_ms);
  set(curl, CURLOPT_MAXAGE_CONN, kSmtpIdleMax_s);
  // Without TLS nothing is sent, the password least of all.
  set(curl, CURLOPT_USE_SSL, static_cast<long>(options_.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) set(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!options_.username.empty()) {
    set(curl, CURLOPT_USERNAME, options_.username.c_str());
    set(curl, CURLOPT_PASSWORD, options_.password.c_str());
  }
  set(curl, CURLOPT_READFUNCTION, read_some);
  set(curl, CURLOPT_UPLOAD, 1L);
  set(curl, CURLOPT_XFERINFOFUNCTION, should_abort);
  set(curl, CURLOPT_XFERINFODATA, &give_up_);
  set(curl, CURLOPT_NOPROGRESS, 0L);
}

Attempt SmtpClient::send(const Message& message) {
  CURL* curl = curl_.get();
  const std::string data = write_message(message);
  std::string_view rest = data;
  const std::string from = fmt::format("<{}>", message.from);
  const std::unique_ptr<curl_slist, FreeList> to(
      curl_slist_append(nullptr, fmt::format("<{}>", message.to).c_str()));
  set(curl, CURLOPT_MAIL_FROM, from.c_str());
  set(curl, CURLOPT_MAIL_RCPT, to.get());
  set(curl, CURLOPT_READDATA, &rest);
  const CURLcode code = curl_easy_perform(curl);
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  set(curl, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
  if (code == CURLE_OK) return {.delivery = Delivery::accepted};
  // What the server says may name the address: libcurl's own words, and the number.
  return {.delivery = delivery_of(code, reply),
          .detail = fmt::format("{} (SMTP {})", curl_easy_strerror(code), reply)};
}

}  // namespace instapay::mail
