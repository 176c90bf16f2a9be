#pragma once
// A mail server, by SMTP over TLS (libcurl).
#include <functional>
#include <memory>
#include <string>

#include "mail/transport.h"

using CURL = void;

namespace instapay::mail {

inline constexpr long kSmtpConnectTimeout_ms = 10'000;
inline constexpr long kSmtpTimeout_ms = 30'000;  // a whole attempt, connecting included
// What a server keeps open for us may be gone: a connection that idled longer is not used again.
inline constexpr long kSmtpIdleMax_s = 5;

struct SmtpOptions {
  std::string url;  // smtp://host:port with STARTTLS, smtps://host:port with TLS from the start
  std::string username = {}, password = {};
  std::string ca_file = {};  // who vouches for the server; empty: the system's
  bool tls = true;           // false: smtp:// in the clear
};

/// Not thread-safe.
class SmtpClient final : public Transport {
 public:
  /// `give_up` is asked while an attempt is under way.
  explicit SmtpClient(SmtpOptions options, std::function<bool()> give_up = {});

  Attempt send(const Message& message) override;

 private:
  struct Close {
    void operator()(CURL* handle) const;
  };
  SmtpOptions options_;
  std::function<bool()> give_up_;
  std::unique_ptr<CURL, Close> curl_;
};

}  // namespace instapay::mail
