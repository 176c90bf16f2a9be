#pragma once
// How the platform's services are, asked over HTTP from a thread of its own: every replica of each,
// that is, every address of its name. What was seen less than a second ago is not asked again:
// however many look, the services are asked once.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "async/io_threads.h"
#include "async/mailbox.h"
#include "config/config.h"
#include "net/fetch.h"
#include "reporting/exposition.h"

namespace instapay::reporting {

struct ReplicaHealth {
  std::string address;
  bool up = false, ready = false;
  std::string version;
  std::int64_t latency_ms = 0;
  std::vector<std::pair<std::string, std::string>> checks;  // "database": "ok"
};

/// A service whose name leads nowhere has no replica.
struct ServiceHealth {
  std::string service;
  std::vector<ReplicaHealth> replicas;  // by address
};

struct ServicesSeen {
  std::int64_t at_us = 0;  // monotonic
  std::vector<ServiceHealth> services;
  std::optional<Exposition> ledger;  // metrics of all transaction services that answered
};
using ServicesSeenPtr = std::shared_ptr<const ServicesSeen>;

/// Where a service is asked.
struct Neighbour {
  std::string service, url;
  net::Certificates certificates;
};

class Neighbours {
 public:
  Neighbours(IoThreads& io_threads, const Config& config);

  /// Call on an I/O thread. Never fails: who does not answer is down.
  Task<ServicesSeenPtr> look();

 private:
  struct Waiting {
    std::size_t io_thread;
    CompletionPtr<ServicesSeenPtr> completion;
  };
  void run(const std::stop_token& stop);
  ServicesSeenPtr ask() const;

  const std::vector<Neighbour> neighbours_;
  std::vector<std::unique_ptr<Mailbox<ServicesSeenPtr>>> mailboxes_;  // by I/O thread
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Waiting> waiting_;
  ServicesSeenPtr last_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace instapay::reporting
