#include "user/passwords.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <memory>

#include "core/limits.h"
#include "telemetry/log.h"

namespace instapay::user {
namespace {

std::unexpected<Error> overloaded() {
  return fail({.code = Code::overloaded,
               .detail = "Too many people are signing in right now; try again in a moment.",
               .retry_after_s = 2});
}

// A password that waits is not left behind in freed memory. On the heap, since moving a short
// string would leave its characters where they were.
struct Wiped {
  std::unique_ptr<std::string> text;
  explicit Wiped(std::string password) : text(std::make_unique<std::string>(password)) {
    OPENSSL_cleanse(password.data(), password.size());
  }
  Wiped(Wiped&&) = default;
  ~Wiped() {
    if (text) OPENSSL_cleanse(text->data(), text->size());
  }
};

}  // namespace

Passwords::Passwords(int cost, std::size_t threads)
    : cost_(cost),
      dummy_hash_(auth::dummy_hash(cost)),
      depth_(metrics::gauge("instapay_password_queue_depth",
                            "Passwords that waited for a thread when the last one came")),
      refused_(metrics::counter("instapay_password_queue_refused_total",
                                "Passwords refused because the queue was full")),
      workers_(threads, std::max<std::size_t>(threads, 1) + kPasswordQueueMax) {}

template <class Job>
Task<std::invoke_result_t<Job&>> Passwords::run(Job job) {
  const std::size_t before = workers_.cost();
  depth_.Set(static_cast<double>(before - std::min(before, workers_.threads())));
  auto done = co_await workers_.run(1, std::move(job));
  if (done) co_return std::move(*done);
  refused_.Increment();
  co_return overloaded();
}

Task<Result<std::string>> Passwords::hash(std::string normal) {
  auto job = [password = Wiped(std::move(normal)), cost = cost_]() -> Result<std::string> {
    try {
      return auth::hash_password(*password.text, cost);
    } catch (const std::exception& exception) {
      log::error("password hashing failed", {{"error.message", exception.what()}});
      return fail(Code::internal_error, "Something went wrong on our side.");
    }
  };
  return run(std::move(job));
}

Task<Result<auth::PasswordMatch>> Passwords::verify(std::string given, std::string hash) {
  auto job = [password = Wiped(std::move(given)),
              hash = std::move(hash)]() -> Result<auth::PasswordMatch> {
    return auth::match_password(*password.text, hash);
  };
  return run(std::move(job));
}

}  // namespace instapay::user
