#pragma once
// What the clients ask for. A workload writes whole HTTP requests into a buffer that is used again.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "accounts.h"
#include "random.h"
#include "tokens.h"

namespace bench {

struct Response {
  int status = 0;
  std::string_view head;  // status line and header fields
  std::string_view body;
};

class Workload {
 public:
  virtual ~Workload() = default;
  /// Replaces `out` by the next request; false when there is none left.
  virtual bool next(std::string& out) = 0;
  /// What this answer achieved (transfers, or reads); 0 when it was not the answer hoped for.
  virtual std::uint64_t achieved(const Response& response) const = 0;
};

struct WorkloadOptions {
  std::string kind;  // transfer, batch, me, history, health
  /// uniform, merchant (account 0 is paid by all), payer (account 0 pays all), zipf; or, for a
  /// service that is to know or not to know them: round (each pays the next one, in order), token
  /// (each token pays once), once (each account pays or is paid once). The last two are drawn in
  /// random order and end.
  std::string pairs = "uniform";
  std::size_t among = 0;  // only the first so many accounts pay and are paid; 0: all
  std::size_t batch = 1000;
  std::size_t page = 50;
  std::string amount = "0.01";
  double zipf = 1.0;
  std::uint64_t seed = 1;
  std::vector<std::uint32_t> subset;  // of account numbers; empty: all of them
};

/// The accounts and tokens must outlive the workload. Throws std::runtime_error on an unknown kind.
std::unique_ptr<Workload> make_workload(const WorkloadOptions& options,
                                        const std::vector<Account>& accounts, const Tokens& tokens);

}  // namespace bench
