#pragma once
// A push service (RFC 8030), as the worker speaks to it.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "push/hosts.h"

using CURL = void;

namespace instapay::push {

inline constexpr long kPushConnectTimeout_ms = 5'000;
inline constexpr long kPushTimeout_ms = 10'000;  // a whole attempt, connecting included
inline constexpr long kPushIdleMax_s = 30;       // a connection that idled longer is not used again
inline constexpr std::size_t kPushAnswerMax_bytes = 64 * 1024;

struct PushMessage {
  Endpoint endpoint;
  std::string authorization;
  std::string body;  // as push/encryption.h makes it
  std::string topic;
  std::string_view urgency;  // RFC 8030 §5.3
  std::int32_t ttl_s = 0;
};

struct PushAnswer {
  long status = 0;  // 0: there was none
  std::int64_t retry_after_s = 0;
  std::string problem = {};  // why not, for logs: without the address, which is a secret
};

class PushService {
 public:
  virtual ~PushService() = default;
  /// Blocks for about kPushTimeout_ms at most, and for as long as a resolver that cannot be broken
  /// off.
  virtual PushAnswer post(const PushMessage& message) = 0;
};

/// By HTTP (libcurl), to public addresses only: what the name leads to is looked at when it is
/// connected to, so no answer of a resolver leads into a network of ours. Follows no redirect and
/// uses no proxy. Not thread-safe.
class PushClient final : public PushService {
 public:
  /// `give_up` is asked while an attempt is under way, and heeded until its body is being written.
  /// `resolve`: "host:port:address", for tests.
  explicit PushClient(std::function<bool()> give_up = {}, const std::string& resolve = {});
  ~PushClient() override;

  PushAnswer post(const PushMessage& message) override;

 private:
  struct Attempt;
  struct Close {
    void operator()(CURL* handle) const;
  };
  struct Resolved;
  std::function<bool()> give_up_;
  std::unique_ptr<Resolved> resolved_;
  std::unique_ptr<CURL, Close> curl_;
};

}  // namespace instapay::push
