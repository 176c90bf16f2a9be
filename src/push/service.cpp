#include "push/service.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace instapay::push {
namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK)
    throw std::runtime_error(fmt::format("libcurl lacks option {}", static_cast<int>(option)));
}

void append(List& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  std::ignore = list.release();
  list.reset(longer);
}

// Once something of the body is written the push service may have taken it: then its answer is
// waited for.
int should_abort(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t written_bytes) {
  const auto& give_up = *static_cast<const std::function<bool()>*>(context);
  return give_up && give_up() && written_bytes == 0 ? 1 : 0;
}

std::optional<IpAddress> address_of(const curl_sockaddr& socket) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* from = nullptr;
  if (socket.family == AF_INET)
    from = &reinterpret_cast<const sockaddr_in&>(socket.addr).sin_addr;
  else if (socket.family == AF_INET6)
    from = &reinterpret_cast<const sockaddr_in6&>(socket.addr).sin6_addr;
  if (from == nullptr || inet_ntop(socket.family, from, text.data(), text.size()) == nullptr)
    return std::nullopt;
  return IpAddress::parse(text.data());
}

bool is_loopback(const IpAddress& address) {
  static const IpNetwork v4 = *IpNetwork::parse("127.0.0.0/8"), v6 = *IpNetwork::parse("::1");
  return v4.contains(address) || v6.contains(address);
}

}  // namespace

// What libcurl's callbacks need of the attempt that is under way.
struct PushClient::Attempt {
  bool may_be_loopback = false, refused_address = false;
  std::size_t read_bytes = 0;

  static curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* socket) {
    auto& attempt = *static_cast<Attempt*>(context);
    const auto address = address_of(*socket);
    const bool is_good =
        address && (attempt.may_be_loopback ? is_loopback(*address) : is_public(*address));
    if (!is_good) {
      attempt.refused_address = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(socket->family, socket->socktype | SOCK_CLOEXEC, socket->protocol);
  }

  static std::size_t pass_over(char*, std::size_t size, std::size_t count, void* context) {
    auto& read_bytes = static_cast<Attempt*>(context)->read_bytes;
    read_bytes += size * count;
    return read_bytes > kPushAnswerMax_bytes ? 0 : size * count;
  }
};

struct PushClient::Resolved {
  List list;
};

void PushClient::Close::operator()(CURL* handle) const { curl_easy_cleanup(handle); }

PushClient::~PushClient() = default;

PushClient::PushClient(std::function<bool()> give_up, const std::string& resolve)
    : give_up_(std::move(give_up)), resolved_(std::make_unique<Resolved>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  curl_.reset(curl_easy_init());
  if (!curl_) throw std::runtime_error("libcurl does not start");
  CURL* curl = curl_.get();
  if (!resolve.empty()) {
    append(resolved_->list, resolve);
    set(curl, CURLOPT_RESOLVE, resolved_->list.get());
  }
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_PROXY, "");  // whatever the environment says
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, kPushConnectTimeout_ms);
  set(curl, CURLOPT_TIMEOUT_MS, kPushTimeout_ms);
  set(curl, CURLOPT_QUICK_EXIT, 1L);  // a resolver's thread that hangs is left behind
  set(curl, CURLOPT_MAXAGE_CONN, kPushIdleMax_s);
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  set(curl, CURLOPT_USERAGENT, "instapay");
  set(curl, CURLOPT_POST, 1L);
  set(curl, CURLOPT_OPENSOCKETFUNCTION, &Attempt::open_socket);
  set(curl, CURLOPT_WRITEFUNCTION, &Attempt::pass_over);
  set(curl, CURLOPT_XFERINFOFUNCTION, should_abort);
  set(curl, CURLOPT_XFERINFODATA, &give_up_);
  set(curl, CURLOPT_NOPROGRESS, 0L);
}

PushAnswer PushClient::post(const PushMessage& message) {
  CURL* curl = curl_.get();
  Attempt attempt{.may_be_loopback = message.endpoint.is_loopback};
  List headers;
  append(headers, "Content-Type: application/octet-stream");
  append(headers, "Content-Encoding: aes128gcm");
  append(headers, "Authorization: " + message.authorization);
  append(headers, fmt::format("TTL: {}", message.ttl_s));
  append(headers, fmt::format("Urgency: {}", message.urgency));
  append(headers, "Topic: " + message.topic);
  append(headers, "Expect:");
  set(curl, CURLOPT_URL, message.endpoint.url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, message.endpoint.is_loopback ? "http,https" : "https");
  set(curl, CURLOPT_OPENSOCKETDATA, &attempt);
  set(curl, CURLOPT_WRITEDATA, &attempt);
  set(curl, CURLOPT_HTTPHEADER, headers.get());
  set(curl, CURLOPT_POSTFIELDS, message.body.data());
  set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.body.size()));
  const CURLcode code = curl_easy_perform(curl);
  set(curl, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  set(curl, CURLOPT_POSTFIELDS, static_cast<const char*>(nullptr));
  PushAnswer answer;
  curl_off_t retry_after_s = 0;
  if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status) != CURLE_OK)
    answer.status = 0;
  if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK)
    answer.retry_after_s = retry_after_s;
  // What follows its status, or does not, changes nothing of what the push service did.
  if (code != CURLE_OK && answer.status < 200) answer.status = 0;
  if (answer.status == 0)
    answer.problem = attempt.refused_address ? "the push service is at no public address"
                                             : curl_easy_strerror(code);
  return answer;
}

}  // namespace instapay::push
