#include "user/passwords.h"

#include <openssl/crypto.h>

#include "auth/password.h"
#include "telemetry/log.h"

namespace instapay::user {
namespace {

std::unexpected<Error> overloaded() {
  return fail({.code = Code::overloaded,
               .detail = "Too many people are signing in right now; try again in a moment.",
               .retry_after_s = 2});
}

// A password is not left behind in freed memory.
struct Wiped {
  std::string text;
  explicit Wiped(std::string&& password) : text(std::move(password)) {}
  Wiped(Wiped&&) = default;
  ~Wiped() { OPENSSL_cleanse(text.data(), text.size()); }
};

}  // namespace

Passwords::Passwords(IoThreads& io_threads, int cost, std::size_t hash_threads)
    : cost_(cost),
      dummy_hash_(auth::dummy_hash(cost)),
      depth_(metrics::gauge("instapay_password_queue_depth",
                            "Passwords that waited for a thread when the last one came")),
      refused_(metrics::counter("instapay_password_queue_refused_total",
                                "Passwords refused because the queue was full")),
      hasher_(hash_threads) {
  for (std::size_t i = 0; i < io_threads.size(); ++i) {
    hashes_.push_back(std::make_unique<Mailbox<Result<std::string>>>(io_threads.at(i)));
    verdicts_.push_back(std::make_unique<Mailbox<Result<bool>>>(io_threads.at(i)));
  }
}

template <class T, class Job>
Task<T> Passwords::run(Mailboxes<T>& mailboxes, Job job) {
  struct Work {
    Mailbox<T>& mailbox;
    Job job;
    CompletionPtr<T> completion;
    void operator()() {
      std::vector<typename Mailbox<T>::Letter> letters;
      letters.push_back({std::move(completion), job()});
      mailbox.post(std::move(letters));
    }
  };
  Mailbox<T>& mailbox = *mailboxes[IoThreads::current()];
  return suspend<T>([this, &mailbox, job = std::move(job)](CompletionPtr<T> completion) mutable {
    Work work{mailbox, std::move(job), std::move(completion)};
    if (!hasher_.try_submit(std::move(work))) {
      refused_.Increment();
      // Refused jobs are left untouched. NOLINTNEXTLINE(bugprone-use-after-move)
      work.completion->complete(overloaded());
    }
    depth_.Set(static_cast<double>(hasher_.queue_depth()));
  });
}

Task<Result<std::string>> Passwords::hash(std::string password) {
  auto job = [password = Wiped(std::move(password)), cost = cost_]() -> Result<std::string> {
    try {
      return auth::hash_password(password.text, cost);
    } catch (const std::exception& exception) {
      log::error("password hashing failed", {{"error.message", exception.what()}});
      return fail(Code::internal_error, "Something went wrong on our side.");
    }
  };
  return run<Result<std::string>>(hashes_, std::move(job));
}

Task<Result<bool>> Passwords::verify(std::string password, std::string hash) {
  auto job = [password = Wiped(std::move(password)), hash = std::move(hash)]() -> Result<bool> {
    return auth::verify_password(password.text, hash);
  };
  return run<Result<bool>>(verdicts_, std::move(job));
}

}  // namespace instapay::user
